"""What may be done to the workloads of a cluster."""
