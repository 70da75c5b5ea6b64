from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CurationConfig(AppConfig):
    name = "recommender.curation"


class CurationAdminConfig(AdminConfig):
    default_site = "recommender.curation.site.CurationSite"
