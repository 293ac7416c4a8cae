# The image of IT0, for servers, bridges and the command line programs: see deploy/image/it0 and docs/operations.md.
#   docker build --tag it0 .
# BASE can be any image with Debian 12 and this version of Node.
ARG BASE=docker.io/library/node:24.21.0-bookworm-slim

FROM ${BASE} AS source
ENV CI=true TURBO_TELEMETRY_DISABLED=1 CHECKPOINT_DISABLE=1
WORKDIR /app
COPY . .
RUN npm install --global "$(node --print 'require("./package.json").packageManager')"

FROM source AS build
RUN pnpm install --frozen-lockfile --filter=@it0/db... --filter=@it0/bridge... --filter=@it0/web...
ENV PATH=/app/node_modules/.bin:$PATH
RUN cd packages/db && pnpm run generate
RUN cd apps/web && pnpm run build
RUN cd apps/bridge && pnpm run build

# Only what runs, in one step, so that no layer has the rest.
FROM source AS programs
RUN pnpm install --frozen-lockfile --prod --filter=@it0/server... --filter=@it0/bridge... && sh deploy/image/prune

FROM ${BASE}
# bubblewrap isolates agents where the container may create user namespaces; tini reaps their processes.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bubblewrap ca-certificates tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /opt/yarn* /usr/local/lib/node_modules \
  && find /usr/local/bin -xtype l -delete \
  && groupadd --gid 10001 it0 && useradd --uid 10001 --gid it0 --home-dir /data --no-create-home it0 \
  && install --directory --owner=it0 --group=it0 --mode=700 /data
WORKDIR /app
# Apart, since they change less often than the rest.
COPY --from=programs /app/node_modules node_modules
COPY --from=programs /app/package.json ./
COPY --from=programs /app/deploy deploy
COPY --from=programs /app/prisma prisma
COPY --from=programs /app/packages packages
COPY --from=programs /app/apps apps
COPY --from=build /app/packages/db/src/generated packages/db/src/generated
COPY --from=build /app/apps/web/dist apps/web/dist
COPY --from=build /app/apps/bridge/dist apps/bridge/dist
RUN ln -s /app/deploy/image/it0 /usr/local/bin/it0
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 IT0_DATA=/data HOME=/data
USER 10001:10001
VOLUME /data
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["it0", "check-health"]
ENTRYPOINT ["tini", "--", "it0"]
CMD ["server"]
