from django.apps import AppConfig


class Agendas(AppConfig):
    name = "yingxu.agendas"
