# Stand-in for debian:bookworm-slim: what mmdebstrap made of Debian's own packages, and how this
# machine reaches its package mirrors (certificates, apt and pip settings).
FROM sagemaker-byoc-stand-in/rootfs
COPY host/ /
# As in the real image: no service starts when its package is installed, no package cache is kept.
RUN update-ca-certificates \
 && printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \
 && echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/docker-apt-speedup \
 && printf '%s\n' \
      'APT::Keep-Downloaded-Packages "false";' \
      'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb || true"; };' \
      'Dir::Cache::pkgcache "";' \
      'Dir::Cache::srcpkgcache "";' \
      'Acquire::GzipIndexes "true";' \
      'Acquire::Languages "none";' \
      'Apt::AutoRemove::SuggestsImportant "false";' \
      >/etc/apt/apt.conf.d/docker
CMD ["bash"]
