"""The queue and the case: what a person reads, decides and sends."""
