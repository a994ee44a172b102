# Stand-in for python:3.11-bookworm: the slim one and what it takes to build packages from source.
FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc g++ make curl libc6-dev python3.11-dev wget \
 && rm -rf /var/lib/apt/lists/*
