# Stand-in for python:3.11-slim-bookworm: Debian's Python 3.11, with /usr/local made a virtual
# environment of it, so that python, pip, site-packages and console scripts are where the real
# image has them, and pip installs there as it does in the real image.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3.11-venv \
 && rm -rf /var/lib/apt/lists/* /usr/lib/python3.11/EXTERNALLY-MANAGED \
 && python3.11 -m venv --system-site-packages /usr/local \
 && rm -f /usr/local/bin/activate* /usr/local/bin/Activate*
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV LANG=C.UTF-8
ENV PYTHON_VERSION=3.11.2
# The pip of the real image; Debian's, which is older, serves where no package index can be reached.
RUN python3 -c 'import os, platform; assert platform.python_version() == os.environ["PYTHON_VERSION"]' \
 && { pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore 'pip==24.0' 'wheel<0.46' || true; }
CMD ["python3"]
