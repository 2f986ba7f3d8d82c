"""A replica of the workers, made as the service makes it, in a process of its own: settings from the environment."""

import asyncio

from serve.composition.agent_parts import make_agent_host


async def work() -> None:
    host = make_agent_host("service")
    host.begin()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work())
