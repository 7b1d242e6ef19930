"""What makes a desk quicker: answers prepared once, and lists under a name."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from grid.places.territory import territory_of


class AnswerTemplateQuerySet(models.QuerySet["AnswerTemplate"]):
    def visible_to(self, user: Any) -> "AnswerTemplateQuerySet":
        """Those of one's communities and of the streets above them."""
        mine = territory_of(user)
        here = {post.place.community_id for post in mine.posts if post.place} - {None}
        return self.filter(place__in=[*here, *mine.communities, *mine.streets])


class AnswerTemplate(models.Model):
    """A prepared answer of a community or a street, to be put into a move's note and altered there."""

    class Use(models.TextChoices):
        DECLINE = "decline", _("Declining")
        DISPATCH = "dispatch", _("Dispatching")
        FINISH = "finish", _("Saying what was done")
        CLOSE = "close", _("Closing")
        ANY = "any", _("Anything")

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("place"))
    title = models.CharField(_("title"), max_length=40)
    text = models.TextField(_("text"), max_length=500)
    use = models.CharField(_("for"), max_length=10, choices=Use, default=Use.ANY)
    is_active = models.BooleanField(_("active"), default=True)

    objects = AnswerTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer template")
        verbose_name_plural = _("answer templates")
        ordering = ["use", "title", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "title"],
                name="answer_template_once",
                violation_error_message=_("There is a template of this title already."),
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="answer_template_says_something"),
        ]

    def __str__(self) -> str:
        return self.title


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Any) -> "SavedViewQuerySet":
        """Nobody sees another's."""
        return self.filter(user=user.pk)


class SavedView(models.Model):
    """A list of incidents under a name: its filters as they stand in the address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="incident_views")
    name = models.CharField(_("name"), max_length=30)
    query = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="saved_view_once",
                violation_error_message=_("You have a view of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
