from django.urls import path

from .views import doors, lists, notice, writing

app_name = "notices"
urlpatterns = [
    path("", lists.notice_list, name="list"),
    path("write/", writing.write, name="write"),
    path("<int:pk>/", notice.notice, name="notice"),
    path("<int:pk>/acknowledge/", notice.acknowledge, name="acknowledge"),
    path("<int:pk>/unread/", notice.unread, name="unread"),
    path("<int:pk>/correct/", writing.correct, name="correct"),
    path("<int:pk>/withdraw/", writing.withdraw, name="withdraw"),
    path("<int:pk>/doors/", doors.doors, name="doors"),
    path("doors/<int:pk>/", doors.mark, name="mark"),
]
