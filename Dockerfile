# One image, two entry points: /app/operator.mjs and /app/proxy.mjs (and the probe that ends an installation). Only the
# bundles are in it: no package manager's tree, no sources. The chart and the operator name the command of each pod.
ARG NODE_VERSION=26

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /source
# Dependencies change less often than the code, so they have a layer of their own.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node .ci/bundle.ts

FROM node:${NODE_VERSION}-slim
LABEL org.opencontainers.image.title="modelroute" \
      org.opencontainers.image.description="Operator and sidecar proxy for model-API calls" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /source/dist/*.mjs /source/dist/*.txt /source/LICENSE ./
COPY --from=build /source/dist/dictionaries ./dictionaries
# The user of every pod; it owns nothing here and writes nothing here.
USER 65532:65532
ENTRYPOINT ["node"]
CMD ["/app/operator.mjs"]
