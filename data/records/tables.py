"""Every table at one place, for the migrations and the test that compares the two."""

from sqlmodel import SQLModel

from data.records.account import ApiKey, Organisation
from data.records.batch import Batch
from data.records.keeping.retention import Chore, Retention
from data.records.saved_portfolio import SavedPortfolio
from data.records.task import AgentTask, TaskStep

TABLES: tuple[type[SQLModel], ...] = (
    Organisation,
    ApiKey,
    AgentTask,
    TaskStep,
    SavedPortfolio,
    Batch,
    Retention,
    Chore,
)
