"""The doors to other systems, with what several plug-ins of one system share."""
