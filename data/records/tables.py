"""Every table at one place, for the migrations and the test that compares the two."""

from sqlmodel import SQLModel

from data.records.accounts.account import ApiKey, Organisation, User
from data.records.audit.audit_event import AuditEvent, AuditHead
from data.records.batches.batch import Batch
from data.records.keeping.retention import Chore, Retention
from data.records.portfolios.saved_portfolio import SavedPortfolio
from data.records.tasks.task import AgentTask, TaskStep

TABLES: tuple[type[SQLModel], ...] = (
    Organisation,
    User,
    ApiKey,
    AgentTask,
    TaskStep,
    SavedPortfolio,
    Batch,
    Retention,
    Chore,
    AuditEvent,
    AuditHead,
)
