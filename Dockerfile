# One file, three images: `backend` and `dashboard` hold no torch; `worker` does.
FROM python:3.11.16-slim-bookworm AS ground
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --create-home --uid 10001 rhoscope && mkdir -p /data/checkpoints /data/logs && chown -R rhoscope /data \
  && chmod -R go= /data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY rhoscope rhoscope
ENV RHOSCOPE_DATA_DIR=/data RHOSCOPE_HOST=0.0.0.0
STOPSIGNAL SIGTERM

FROM ground AS backend
COPY backend backend
RUN pip install -c constraints.txt -e '.[backend]' && ! python -c 'import torch' 2>/dev/null
USER rhoscope
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=6 \
  CMD ["python", "-c", "import httpx, sys; sys.exit(not httpx.get('http://127.0.0.1:8000/readyz').is_success)"]
CMD ["rhoscope", "backend", "--host", "0.0.0.0", "--port", "8000"]

FROM ground AS dashboard
COPY dashboard dashboard
RUN pip install -c constraints.txt -e '.[dashboard]' && ! python -c 'import torch' 2>/dev/null
USER rhoscope
EXPOSE 8050
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=6 \
  CMD ["python", "-c", "import httpx, sys; sys.exit(not httpx.get('http://127.0.0.1:8050/healthz').is_success)"]
CMD ["rhoscope", "dashboard", "--host", "0.0.0.0", "--port", "8050"]

FROM ground AS worker
COPY trainer trainer
RUN pip install -c constraints.txt -e '.[trainer]'
USER rhoscope
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["python", "-m", "trainer.worker", "--check"]
CMD ["rhoscope", "worker"]
