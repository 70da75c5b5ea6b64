import os

from django.core.wsgi import get_wsgi_application

from recommender.web.steady_body import hold_bodies_to_pace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recommender.settings")
application = hold_bodies_to_pace(get_wsgi_application())
