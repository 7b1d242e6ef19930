from datetime import timedelta

from celery import shared_task

from portal.core import outbox, schedule

from . import running, services

LONG = {"acks_late": True, "soft_time_limit": 280, "time_limit": 300}
AGAIN = {"autoretry_for": (running.Interrupted,), "retry_backoff": True, "max_retries": 5}


@outbox.handler("jobs.run")
def hand_over(*, job: int) -> None:
    """Messages are delivered within seconds and a transaction: what takes longer is a task of its own."""
    run_job.delay(job)


@shared_task(**LONG, **AGAIN)
def run_job(job: int) -> None:
    """Carry a job out; a worker that has finished one goes on to whoever waits longest."""
    if running.run(job):
        for following in services.waiting(most=1):
            run_job.apply_async([following], expires=50)


@shared_task(acks_late=True)
def take_up_jobs() -> None:
    """Start again what a killed worker has left; whatever is in hand goes on undisturbed."""
    for job in services.waiting(most=20):
        run_job.apply_async([job], expires=50)


@shared_task(acks_late=True)
def expire_files() -> int:
    """Delete what jobs made a week ago."""
    return services.expire()


schedule.every(timedelta(minutes=1), "portal.jobs.tasks.take_up_jobs")
schedule.every(timedelta(hours=1), "portal.jobs.tasks.expire_files")
