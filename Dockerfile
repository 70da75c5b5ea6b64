# Every program of docker-compose.yml but the databases runs from this one image.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# `--build-arg PIP_EXTRA_INDEX_URL=...`: an index with CPU builds of torch spares several GB.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL

WORKDIR /app
COPY requirements.txt requirements-postgres.txt requirements-transformers.txt ./
RUN pip install -r requirements.txt -r requirements-postgres.txt

RUN useradd --system --uid 10001 --create-home soundalike \
    && install --directory --owner soundalike --group soundalike /var/lib/soundalike
COPY manage.py ./
COPY embeddings embeddings
COPY locale locale
COPY recommender recommender
COPY static static
COPY templates templates
RUN python -m compileall -q embeddings recommender

USER soundalike
# One thread a process: analysis runs several processes, and threads started before a fork would hang its children.
ENV SOUNDALIKE_HOME=/var/lib/soundalike NUMBA_DISABLE_JIT=1 \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 REMAP_SIGTERM=SIGQUIT
VOLUME /var/lib/soundalike
EXPOSE 8000
CMD ["gunicorn", "--config", "recommender/operations/web_server.py", "--bind", "0.0.0.0:8000", "recommender.wsgi"]
