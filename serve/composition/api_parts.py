"""From settings to what the HTTP endpoint is built on: everything that one replica of it needs, made where it runs."""

from data.channels.metrics_board import RedisMetricsBoard
from data.channels.task_queue.on_redis import RedisTaskQueue
from data.channels.token_stream.on_redis import RedisTokenStream
from data.records.accounts.account_store import AccountStore
from data.records.accounts.user_store import UserStore
from data.records.audit.audit_store import AuditStore
from data.records.batches.batch_store import BatchStore
from data.records.database import Database
from data.records.portfolios.portfolio_store import PortfolioStore
from data.records.tasks.task_store import TaskStore
from serve.composition.endpoints import model_source, needed_redis_url, traces_of
from serve.composition.identity import token_reader
from serve.http.bounds.rates import Rates
from serve.http.services import AreReady, Services
from serve.settings import Settings
from serve.watching.logs import set_up_logs
from serve.watching.metrics import Figures, process_name


def make_services(are_workers_ready: AreReady) -> Services:
    """The parts behind the routes."""
    settings = Settings.load()
    set_up_logs(settings.log_level, settings.log_format)
    database, redis_url = Database(settings.database_url), needed_redis_url(settings)
    accounts, users = AccountStore(database), UserStore(database)
    return Services(
        settings=settings,
        database=database,
        accounts=accounts,
        users=users,
        audit=AuditStore(database),
        portfolios=PortfolioStore(database),
        tasks=TaskStore(database),
        batches=BatchStore(database),
        queue=RedisTaskQueue(redis_url, idle_s=settings.lease_s),
        stream=RedisTokenStream(redis_url),
        models=model_source(settings),
        are_workers_ready=are_workers_ready,
        figures=Figures(RedisMetricsBoard(redis_url), process_name("api")),
        rates=Rates(redis_url),
        tokens=token_reader(settings, accounts, users),
        traces=traces_of(settings, "api"),
    )
