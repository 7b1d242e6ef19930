from django.urls import path

from .views import boards, figure, home, wall

app_name = "dashboard"
urlpatterns = [
    path("", home.home, name="home"),
    path("board/", boards.mine, name="boards"),
    path("board/<int:pk>/", boards.board, name="board"),
    path("board/<int:pk>/wall/", wall.wall, name="wall"),
    path("board/<int:pk>/export/", boards.export, name="board_export"),
    path("board/<int:pk>/figure/<str:key>/", figure.figure, name="figure"),
]
