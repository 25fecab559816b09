FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* && useradd --system --create-home --home-dir /var/lib/hylla hylla
WORKDIR /srv/hylla
COPY pyproject.toml README.md ./
COPY cql cql
COPY indexer indexer
COPY server server
COPY schemas schemas
COPY stylesheets stylesheets
RUN pip install --no-cache-dir .
USER hylla
EXPOSE 8080
CMD ["hylla", "serve"]
