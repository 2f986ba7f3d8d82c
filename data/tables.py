"""Every table at one place, for the migrations and the test that compares the two."""

from sqlmodel import SQLModel

from data.account import ApiKey, Organisation
from data.batch import Batch
from data.saved_portfolio import SavedPortfolio
from data.task import AgentTask, TaskStep

TABLES: tuple[type[SQLModel], ...] = (Organisation, ApiKey, AgentTask, TaskStep, SavedPortfolio, Batch)
