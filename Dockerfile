# DebtOptimizer's image. Every part runs from it, as a user without rights, on a root that nobody can write:
#
#   docker build --tag debt-optimizer .        # then compose.yaml, or serve/config/kubernetes.yaml
#
# What is kept lies in /state. /tmp must be writable (sockets and logs of a running Ray), and /dev/shm 1 GB.
ARG PYTHON=3.13
FROM python:${PYTHON}-slim-trixie AS built
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /opt/debt-optimizer
RUN python -m venv .venv
COPY requirements-run.lock ./
RUN .venv/bin/python -m pip install --quiet --require-hashes --requirement requirements-run.lock
COPY pyproject.toml README.md LICENSE THIRD_PARTY_NOTICES.md debt_optimizer.py ./
COPY data data
COPY agents agents
COPY serve serve
COPY dashboard dashboard
RUN .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m agents.planner.compile

FROM python:${PYTHON}-slim-trixie
# Debian keeps no older versions to pin. wget: KubeRay asks with it whether a node is well. The client: `debt-optimizer backup` and `restore` of a Postgres.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client wget \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /state --no-create-home debt-optimizer \
    && install --directory --owner 10001 --group 10001 --mode 0700 /state
COPY --from=built /opt/debt-optimizer /opt/debt-optimizer
ENV PATH=/opt/debt-optimizer/.venv/bin:$PATH HOME=/state STATE_DIR=/state PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2
WORKDIR /opt/debt-optimizer
USER 10001:10001
VOLUME /state
EXPOSE 8000 8501
CMD ["debt-optimizer", "up", "--no-dashboard"]
