"""Gunicorn's settings, read by gunicorn itself: `gunicorn --config recommender/operations/web_server.py ...`."""

workers = 2
worker_class = "gthread"
threads = 8
# A page multiplies small matrices. Threads for that would wait for one another far longer than they compute.
raw_env = ["OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1"]
# A thread that waits for a slow upload does not hold this up: it concerns the worker's main loop only.
timeout = 60
graceful_timeout = 4
keepalive = 5
# The path only, since queries hold what people search for.
accesslog = "-"
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(M)sms'
errorlog = "-"
# It would lie in the user's home folder, shared by every gunicorn of that user.
control_socket_disable = True
