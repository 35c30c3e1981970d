# One static program in an image that holds nothing else.
# It keeps its data where it is told to, for example COUNTERSIGN_DATABASE=sqlite:/data/countersign.db
# The build stage's RUN lines are also run outside a container, by cmd/countersign/dockerfile_test.go.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=1 go build -trimpath \
      -tags "osusergo netgo sqlite_omit_load_extension" \
      -ldflags "-s -w -linkmode external -extldflags -static -X main.version=${VERSION}" \
      -o /out/countersign ./cmd/countersign
RUN mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/countersign /countersign
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENV COUNTERSIGN_LISTEN=0.0.0.0:8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["/countersign", "health"]
ENTRYPOINT ["/countersign"]
CMD ["serve"]
