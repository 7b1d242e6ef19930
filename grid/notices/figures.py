"""What is counted of notices: how far they came, by the day on which they were sent.

All of it looks at what was sent in the period, however late it is read or told, so that a rate ends at 100 %. Withdrawn
notices, also those replaced by a correction, never count.
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
        "notices.sent",
        pgettext_lazy("figure", "Notices sent"),
        pgettext_lazy("unit", "notices"),
        _("Notices by the day on which they were sent, where they were sent from. Withdrawn ones do not count."),
        sent,
        moment="sent_at",
        permission=SEEN_BY,
    ),
    Flow(
        "notices.receipts",
        pgettext_lazy("figure", "Posts addressed"),
        POSTS,
        _(
            "Posts to which notices were addressed, by the day on which they were sent: somebody who holds two such"
            " posts counts at each. Withdrawn notices do not count."
        ),
        receipts,
        moment="sent_at",
        permission=SEEN_BY,
    ),
    Flow(
        "notices.read",
        pgettext_lazy("figure", "Posts that read it"),
        POSTS,
        _("Of the posts to which notices of the period were addressed, those that have opened them, however late."),
        receipts,
        moment="sent_at",
        where=Q(read_at__isnull=False),
        permission=SEEN_BY,
    ),
    Flow(
        "notices.to_acknowledge",
        pgettext_lazy("figure", "Confirmations wanted"),
        POSTS,
        _("Posts to which notices of the period were addressed that want to be confirmed."),
        receipts,
        moment="sent_at",
        where=Q(must_acknowledge=True),
        permission=SEEN_BY,
        is_part=True,
    ),
    Flow(
        "notices.acknowledged",
        pgettext_lazy("figure", "Confirmed"),
        POSTS,
        _("Of the posts that were to confirm notices of the period, those that have, however late."),
        receipts,
        moment="sent_at",
        where=Q(must_acknowledge=True, acknowledged_at__isnull=False),
        permission=SEEN_BY,
    ),
    Flow(
        "notices.households",
        pgettext_lazy("figure", "Households to be told"),
        HOUSEHOLDS,
        _(
            "Households on the lists of notices of the period that leaders pass on at the door; one stands on the list"
            " of each such notice. Who moved in after the sending is on none."
        ),
        doors,
        moment="sent_at",
        permission=SEEN_BY,
    ),
    Flow(
        "notices.households_told",
        pgettext_lazy("figure", "Households told"),
        HOUSEHOLDS,
        _("Of the households on the lists of notices of the period, those ticked as told, however late."),
        doors,
        moment="sent_at",
        where=Q(outcome=DoorPassing.Outcome.TOLD),
        permission=SEEN_BY,
    ),
    Ratio(
        "notices.reading_rate",
        _("Reading rate"),
        _("Posts that have opened the notices of the period / posts to which they were addressed."),
        [(1, "notices.read")],
        "notices.receipts",
        permission=SEEN_BY,
    ),
    Ratio(
        "notices.acknowledged_rate",
        _("Confirmation rate"),
        _("Posts that have confirmed the notices of the period / posts that were to confirm them."),
        [(1, "notices.acknowledged")],
        "notices.to_acknowledge",
        permission=SEEN_BY,
    ),
    Ratio(
        "notices.awareness_rate",
        _("Awareness rate"),
        _("Households told of the notices of the period / households that were to be told at the door."),
        [(1, "notices.households_told")],
        "notices.households",
        permission=SEEN_BY,
    ),
)
