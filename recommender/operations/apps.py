from django.apps import AppConfig
from django.conf import settings

from embeddings.encoders import use_folder


class OperationsConfig(AppConfig):
    name = "recommender.operations"

    def ready(self) -> None:
        use_folder(settings.STORAGE.encoders)
