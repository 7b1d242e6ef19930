"""What is counted of notices: how far they came, by the day on which they were sent.

All of it looks at what was sent in the period, however late it is read or told, so that a rate ends at 100 % and grows
until everybody knows; reading has no deadline. Withdrawn notices, also those replaced by a correction, never count.
"""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.figures.registry import Flow, Ratio, Source, register

from .models import DoorPassing, Notice, Receipt

POSTS, HOUSEHOLDS = pgettext_lazy("unit", "posts"), pgettext_lazy("unit", "households")
SEEN_BY = "notices.follow"

sent = Source("notices", rows=lambda: Notice.objects.filter(withdrawn_at=None))
receipts = Source("receipts", rows=lambda: Receipt.objects.valid())
doors = Source("doors", rows=lambda: DoorPassing.objects.valid())

register(
    Flow(
        key="notices.sent",
        label=pgettext_lazy("figure", "Notices sent"),
        unit=pgettext_lazy("unit", "notices"),
        words=_("Notices by the day on which they were sent, where they were sent from. Withdrawn ones do not count."),
        source=sent,
        moment="sent_at",
        permission=SEEN_BY,
    ),
    Flow(
        key="notices.receipts",
        label=pgettext_lazy("figure", "Posts addressed"),
        unit=POSTS,
        words=_(
            "Posts to which notices were addressed, by the day on which they were sent: somebody who holds two such"
            " posts counts at each. Withdrawn notices do not count."
        ),
        source=receipts,
        moment="sent_at",
        permission=SEEN_BY,
    ),
    Flow(
        key="notices.read",
        label=pgettext_lazy("figure", "Posts that read it"),
        unit=POSTS,
        words=_(
            "Of the posts to which notices of the period were addressed, those that have opened them, however late."
        ),
        source=receipts,
        moment="sent_at",
        where=Q(read_at__isnull=False),
        permission=SEEN_BY,
        grows=True,
    ),
    Flow(
        key="notices.to_acknowledge",
        label=pgettext_lazy("figure", "Confirmations wanted"),
        unit=POSTS,
        words=_("Posts to which notices of the period were addressed that want to be confirmed."),
        source=receipts,
        moment="sent_at",
        where=Q(must_acknowledge=True),
        permission=SEEN_BY,
        is_part=True,
    ),
    Flow(
        key="notices.acknowledged",
        label=pgettext_lazy("figure", "Confirmed"),
        unit=POSTS,
        words=_("Of the posts that were to confirm notices of the period, those that have, however late."),
        source=receipts,
        moment="sent_at",
        where=Q(must_acknowledge=True, acknowledged_at__isnull=False),
        permission=SEEN_BY,
        grows=True,
    ),
    Flow(
        key="notices.households",
        label=pgettext_lazy("figure", "Households to be told"),
        unit=HOUSEHOLDS,
        words=_(
            "Households on the lists of notices of the period that leaders pass on at the door; one stands on the list"
            " of each such notice. Who moved in after the sending is on none."
        ),
        source=doors,
        moment="sent_at",
        permission=SEEN_BY,
    ),
    Flow(
        key="notices.households_told",
        label=pgettext_lazy("figure", "Households told"),
        unit=HOUSEHOLDS,
        words=_("Of the households on the lists of notices of the period, those ticked as told, however late."),
        source=doors,
        moment="sent_at",
        where=Q(outcome=DoorPassing.Outcome.TOLD),
        permission=SEEN_BY,
        grows=True,
    ),
    Ratio(
        key="notices.reading_rate",
        label=_("Reading rate"),
        words=_("Posts that have opened the notices of the period / posts to which they were addressed."),
        of=((1, "notices.read"),),
        over="notices.receipts",
        permission=SEEN_BY,
    ),
    Ratio(
        key="notices.acknowledged_rate",
        label=_("Confirmation rate"),
        words=_("Posts that have confirmed the notices of the period / posts that were to confirm them."),
        of=((1, "notices.acknowledged"),),
        over="notices.to_acknowledge",
        permission=SEEN_BY,
    ),
    Ratio(
        key="notices.awareness_rate",
        label=_("Awareness rate"),
        words=_("Households told of the notices of the period / households that were to be told at the door."),
        of=((1, "notices.households_told"),),
        over="notices.households",
        permission=SEEN_BY,
    ),
)
