# Trent and what Node loads, and nothing else: no shell, no package manager. README, "In a container".
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY lambdas/crypto/package.json lambdas/crypto/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node lib/image.ts /image && chown 65532:65532 /image/data

FROM scratch
COPY --from=build /image/ /
ENV NODE_ENV=production
USER 65532:65532
VOLUME ["/data"]
EXPOSE 4599
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/node", "/opt/trent/lambdas/local/main.js"]
CMD ["serve", "--data", "/data", "--host", "0.0.0.0", "--tls-cert", "/tls/cert.pem", "--tls-key", "/tls/key.pem"]
