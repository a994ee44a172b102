/** What builders printed, cut to what matters. Each was run: BuildKit 0.25, BuildKit 0.8 of engine 20.10, classic. */

export const MODERN = {
  exitCode: `#0 building with "new" instance using remote driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 272B done
#1 DONE 0.0s

#4 [base 1/1] ADD rootfs.tar /
#4 DONE 2.3s

#5 [stage-1 1/3] RUN echo "foo=1"
#5 0.104 foo=1
#5 DONE 0.3s

#6 [stage-1 2/3] RUN echo one &&     echo two &&     exit 3
#6 0.051 one
#6 0.052 line 1
#6 0.052 line 2
#6 0.052 two
#6 ERROR: process "/bin/sh -c echo one &&     echo two &&     exit 3" did not complete successfully: exit code: 3
------
 > [stage-1 2/3] RUN echo one &&     echo two &&     exit 3:
0.051 one
0.052 line 1
0.052 line 2
0.052 two
------
Dockerfile:10
--------------------
   9 |         B=2
  10 | >>> RUN echo one && \\
  11 | >>>     echo two && \\
  12 | >>>     # a comment inside
  13 | >>>     for i in 1 2; do echo line $i >&2; done; \\
  14 | >>>     exit 3
  15 |     RUN true
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c echo one &&     echo two &&     exit 3" did not complete successfully: exit code: 3
`,
  copy: `#6 [3/3] COPY nothere.txt /x/
#6 ERROR: failed to calculate checksum of ref i0eblmd3pri30y656zq1k5eh9::3echpwhmqz4742lh3c50xid03: "/nothere.txt": not found
------
 > [3/3] COPY nothere.txt /x/:
------
Dockerfile:3
--------------------
   1 |     FROM debian:bookworm-slim
   2 |     RUN true
   3 | >>> COPY nothere.txt /x/
   4 |     
--------------------
ERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref i0eblmd3pri30y656zq1k5eh9::3echpwhmqz4742lh3c50xid03: "/nothere.txt": not found
`,
  cacheImportAndExit: `#3 [stage-0 1/2] FROM docker.io/library/debian:bookworm-slim
#3 DONE 0.0s

#4 [2/2] RUN false
#4 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1

#5 importing cache manifest from gha:4648601818426277283
#5 ERROR: failed to configure gha cache importer: token is malformed: token contains an invalid number of segments
------
 > importing cache manifest from gha:4648601818426277283:
------
------
 > [2/2] RUN false:
------
ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1
`,
  cacheExport: `#6 exporting cache to registry
#6 preparing build cache for export done
#6 ERROR: error writing layer blob: failed to do request: Head "http://127.0.0.1:1/v2/x/y/blobs/sha256:c5": dial tcp 127.0.0.1:1: connect: connection refused
------
 > exporting cache to registry:
------
ERROR: failed to build: failed to solve: error writing layer blob: failed to do request: Head "http://127.0.0.1:1/v2/x/y/blobs/sha256:c5": dial tcp 127.0.0.1:1: connect: connection refused
`,
  syntaxImage: `#2 resolve image config for docker-image://docker.io/docker/dockerfile:1
#2 ERROR: failed to do request: Head "https://registry-1.docker.io/v2/docker/dockerfile/manifests/1": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host
------
 > resolve image config for docker-image://docker.io/docker/dockerfile:1:
------
Dockerfile:1
--------------------
   1 | >>> # syntax=docker/dockerfile:1
   2 |     FROM scratch
--------------------
ERROR: failed to build: failed to solve: failed to resolve source metadata for docker.io/docker/dockerfile:1: failed to do request: Head "https://registry-1.docker.io/v2/docker/dockerfile/manifests/1": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host
`,
};

export const OLD = {
  exitCode: `#5 [2/4] RUN echo "foo=1"
#5 0.253 foo=1
#5 DONE 0.3s

#6 [3/4] RUN echo one &&     echo two &&     exit 3
#6 0.345 one
#6 0.346 two
#6 0.346 line 1
#6 ERROR: executor failed running [/bin/sh -c echo one &&     echo two &&     exit 3]: exit code: 3
------
 > [3/4] RUN echo one &&     echo two &&     exit 3:
0.345 one
0.346 two
0.346 line 1
------
ERROR: failed to build: failed to solve: executor failed running [/bin/sh -c echo one &&     echo two &&     exit 3]: exit code: 3
`,
  syntax: `#2 [internal] load .dockerignore
#2 transferring context: 2B done
#2 DONE 0.0s
ERROR: failed to build: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 3: unknown instruction: RUNN
`,
  cacheExport: `ERROR: failed to build: Cache export is not supported for the docker driver.
Switch to a different driver, or turn on the containerd image store, and try again.
Learn more at https://docs.docker.com/go/build-cache-backends/
`,
};

const DEPRECATED = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0
            environment-variable.

`;

export const CLASSIC = {
  exitCode: {
    stdout: `Sending build context to Docker daemon  2.048kB
Step 1/3 : FROM debian:bookworm-slim
 ---> 1a3aa82f7951
Step 2/3 : RUN echo out; echo err >&2; exit 2
 ---> Running in 63c5fc7d8bbd
out
\x1b[91merr
\x1b[0mRemoving intermediate container 63c5fc7d8bbd`,
    stderr: `${DEPRECATED}The command '/bin/sh -c echo out; echo err >&2; exit 2' returned a non-zero code: 2
`,
  },
  copy: {
    stdout: `Step 1/3 : FROM debian:bookworm-slim
 ---> 1a3aa82f7951
Step 2/3 : RUN true
 ---> Running in 52c569c1653d
Removing intermediate container 52c569c1653d
 ---> 890abafae773
Step 3/3 : COPY nothere.txt /x/
`,
    stderr: `${DEPRECATED}COPY failed: file not found in build context or excluded by .dockerignore: stat nothere.txt: file does not exist
`,
  },
  syntax: {
    stdout: 'Sending build context to Docker daemon  2.048kB\n',
    stderr: `${DEPRECATED}Error response from daemon: dockerfile parse error line 3: unknown instruction: RUNN
`,
  },
};
