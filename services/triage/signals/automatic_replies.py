"""What mail programs and people on leave write of themselves. `I got an automatic reply` is a complaint, not one."""

from services.triage.signals.phrases import Cued

AUTOMATIC_REPLIES = Cued(
    (
        (
            "auto",
            (
                r"\b(?:automatic|automated|auto)[- ]?(?:reply|response|acknowledge?ment)\b(?=\s*[:.(]|\s*$)|^\W*(?:automatic "
                r"reply|auto[- ]?reply|autoreply)\b|\bauto[- ]?generated\b"
            ),
        ),
        ("auto", r"\bthis is an? (?:automated|automatic|auto\w*)\b|\b(?:sent|generated) automatically\b|\bautomatically generated\b"),
        ("out", r"\bout of (?:the |my )?office\b(?! (?:hours|number|forms))"),
        (
            "away curr leav desk work offi",
            (
                r"\b(?:am|is|be) (?:currently |now )?(?:away|on) (?:from (?:my desk|the office|work)|on (?:annual |maternity |"
                r"parental |sick )?leave)|\bcurrently (?:away|out of|on (?:annual |maternity |parental |sick )?leave)"
            ),
        ),
        ("leav", r"\bon (?:annual|maternity|parental|paternity|sick) leave\b(?=.{0,80}\b(?:until|contact|return|back|access|urgent)\b)"),
        ("limi acce", r"\b(?:limited|no|intermittent) access to (?:my )?e?-?mails?\b"),
        ("repl", r"\b(?:do not|don'?t) reply to this (?:e?-?mail|message|address)\b|\b(?:please )?do not reply\b\.?\s*$"),
        (
            "deli",
            (
                r"\bdelivery (?:status notification|has failed|failure|incomplete)\b|\bcould not be delivered to\b|\bmessage "
                r"could not be delivered"
            ),
        ),
        (
            "unde mail retu user inbo",
            (
                r"\bundeliver(?:able|ed) ?(?:mail|message|:)|\bmailer[- ]daemon\b|\breturned mail\b|\bmail(?:box)? is (?:full|not "
                r"monitored|unattended|unmonitored)|\b(?:mailbox|inbox) is (?:not|no longer|un)[- ]?(?:monitored|in use|read|"
                r"attended)"
            ),
        ),
        (
            "retu back whe repl resp answ read",
            (
                r"\b(?:reply|respond|answer|get back to you|read (?:it|your (?:e?-?mail|message))) (?:then|on my return|upon my "
                r"return|when i(?: am|'m)? (?:return|get|back))|\bi (?:will|shall|'ll) be back (?:in the office )?on\b"
            ),
        ),
        (
            "rece logg read",
            (
                r"\byour (?:message|e-?mail|request|ticket) has been (?:received|logged|read)\b|\byour message was read on\b|"
                r"\bread receipt:|^read: |\bwe have received your (?:ticket|e-?mail|message|request)\b.{0,80}\b(?:will|shortly|"
                r"ref)"
            ),
        ),
        (
            "long work left",
            r"\bi (?:no longer|don'?t) work (?:here|for|at (?:this|the))\b|\bhas left the (?:company|organi[sz]ation|council)\b",
        ),
        ("offi bure clos ferm", r"^.{0,60}\b(?:the office is closed from|nos bureaux sont fermes du|les bureaux sont fermes du)\b"),
        (
            "auto abse",
            (
                r"\breponse automatique ?(?:[:.(]|$)|^\W*(?:reponse automatique|message automatique|message d'absence)\b|\bceci "
                r"est un (?:message|mail|courriel|e-mail) automatique|\b(?:message|mail|courriel|e-mail) (?:a ete )?genere "
                r"automatiquement|\bmessage d'absence\b"
            ),
        ),
        (
            "abse",
            (
                r"\babsence du bureau\b|\babsente?s? du bureau (?:jusqu|du|et|pour|ce)|\b(?:je suis|serai|suis) (?:actuellement "
                r")?absente? (?:du \d|jusqu|cette semaine|pour conges?|et (?:serai|je))"
            ),
        ),
        (
            "cong actu",
            (
                r"\b(?:suis|serai) (?:actuellement )?en conges?(?: annuels?| maternite| parental| maladie)?\b(?=.{0,80}\b(?:jusqu|"
                r"retour|contacter|messagerie|acces|urgence)\b)|\bactuellement (?:absente?|en conges?)\b(?=.{0,80}\b(?:retour|"
                r"acces|jusqu|contacter|messagerie)\b)"
            ),
        ),
        ("repo", r"\b(?:ne pas|n'y) re(?:pondre a ce (?:message|mail|courriel|e-mail)|pondez pas)\b|\bmerci de ne pas (?:y )?repondre\b"),
        ("accu", r"\baccuse de (?:lecture|reception) ?:|^\W*accuse de (?:lecture|reception)\b"),
        (
            "remi eche dist deli boit",
            (
                r"^\W*non remis\b|\bechec (?:de (?:la )?)?(?:remise|distribution)\b|\bn'a pas pu etre (?:remis|distribue|delivre) "
                r"a son destinataire|\bboite (?:aux lettres )?(?:du destinataire est pleine|n'est (?:pas|plus) (?:relevee|"
                r"consultee|surveillee))"
            ),
        ),
        (
            "reto",
            (
                r"\b(?:repondrai|lirai|reviendrai vers vous)\b.{0,30}\b(?:a|des) mon retour\b|\ba mon retour\b(?=.{0,40}\brepond)|"
                r"\bde retour le (?:lundi|mardi|mercredi|jeudi|vendredi|\d)"
            ),
        ),
        (
            "rece enre recu lu",
            (
                r"\bvotre (?:message|courriel|mail|demande) a bien ete (?:recue?|enregistree?)\b|\bvotre message a ete lu\b|"
                r"\bvotre (?:ticket|demande) n\W{0,3}\d+ est enregistre"
            ),
        ),
        (
            "trav quit",
            (
                r"\bne travaille plus (?:a cette adresse|ici|pour|dans (?:ce|cette))\b|\bj'ai quitte (?:mes fonctions|la societe|"
                r"l'entreprise|la collectivite)"
            ),
        ),
        (
            "urge",
            (
                r"\ben cas d'urgence,? (?:vous pouvez |merci de |veuillez )?(?:appel|contact|joindre)\w*|\bfor urgent (?:matters|"
                r"issues|enquiries),? (?:please )?(?:ring|call|contact|phone)"
            ),
        ),
    )
)
"""Patterns of an automatic reply, on the folded text."""
