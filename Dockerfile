# A static tallyd on nothing else, run as nobody:
#   docker build -t tallyd . && docker run --rm --net=host --pid=host -v /:/host:ro,rslave tallyd --path.rootfs=/host
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
# rust-toolchain.toml asks for components that a build does not need.
RUN RUSTUP_TOOLCHAIN="$(rustc --version | cut -d ' ' -f 2)" cargo install --locked --path . --root /out
RUN mkdir /state

FROM scratch
COPY --from=build /out/bin/tallyd /tallyd
# For --statsd.state-file=/state/tallyd, with -v tallyd-state:/state.
COPY --from=build --chown=65534:65534 /state /state
USER 65534:65534
# Metrics, and StatsD by both UDP and TCP. Without --net=host add --web.listen-address=:9100 and the like.
EXPOSE 9100/tcp 8125/udp 8125/tcp
ENTRYPOINT ["/tallyd"]
