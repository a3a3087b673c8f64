"""One paging system per file: who is on call by its schedules, asked at the moment of a click."""
