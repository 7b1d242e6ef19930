from django.dispatch import Signal

# A job is done or has failed: sent inside the transaction that says so, once for each way it ends; keyword `job`.
job_ended = Signal()
