# syntax=docker/dockerfile:1
# shoseki alone: no shell, no package manager, nobody's password. docker build -t shoseki .
#checkov:skip=CKV_DOCKER_2:the image has neither shell nor client; Kubernetes probes /healthz and /readyz, and elsewhere `serve` ends where it cannot go on

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p shoseki-cli
# Dynamically linked, with glibc: it is what the tests run, its resolver knows what /etc/nsswitch.conf and search domains of a cluster
# mean, and its allocator holds up under load; musl's do neither. So the libraries that the program names are copied, and no others.
RUN mkdir -p /root-of-image/usr/local/bin /root-of-image/etc/ssl/certs /root-of-image/etc/shoseki /root-of-image/tmp \
 && cp target/release/shoseki /root-of-image/usr/local/bin/ \
 && ldd target/release/shoseki | grep -o '/[^ ]*' | sort -u | xargs -I LIBRARY cp --parents --dereference LIBRARY /root-of-image \
 && cp --dereference /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/ \
 && echo 'hosts: files dns' > /root-of-image/etc/nsswitch.conf \
 && echo 'shoseki:x:65532:65532::/tmp:/sbin/nologin' > /root-of-image/etc/passwd \
 && echo 'shoseki:x:65532:' > /root-of-image/etc/group \
 && chmod 1777 /root-of-image/tmp

FROM scratch
COPY --from=build /root-of-image/ /
ENV HOME=/tmp
# Each thread else keeps a heap of its own, and memory that it gave back: 545 MB under load instead of 403 (docs/performance.md).
ENV MALLOC_ARENA_MAX=2
USER 65532:65532
EXPOSE 8484 8485
ENTRYPOINT ["/usr/local/bin/shoseki"]
CMD ["serve", "--config", "/etc/shoseki/shoseki.toml"]
