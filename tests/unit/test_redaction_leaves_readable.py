"""What names nobody stays readable: places, offices, amounts, everyday words."""

import pytest

from services.triage.redaction import name_lexicon
from tests.harness.redaction_assertions import hidden


@pytest.mark.parametrize(
    "text",
    ["my neighbour is very loud", "my wife is ill and my son has fever", "according to the Mayor", "My brother in law said no",
     "According to Ofgem it is fine", "According to Birmingham City Council", "after Rennes, according to Tuesday's timetable"],
)  # fmt: skip
def test_a_relation_or_a_source_that_is_nobody_stays_readable(text: str) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "The lamp on Elm Street is out since 12 October 2025.", "Bus 42 was 25 minutes late on Monday at 7.45.",
        "My rent went from 1,250.00 to 1,480.50 pounds.", "Article 8 of Regulation 2016/679 gives you one month.",
        "The budget was 12 500 000 euros in 2019.", "Is St Mary's Hospital open? And the pharmacy on Church Road?",
        "There are 300 people on Park Avenue and 12 parking spaces.", "I take paracetamol 500 mg and ibuprofen 200 mg.",
        "The Martin Luther King Library has no lift.", "Lines 12, 14, 18, 22 and 35 are diverted until 15 December.",
        "In the Charles Dickens Primary School the roof leaks.", "Dear Sir or Madam, how do I apply? Yours faithfully",
        "See https://www.city.example/waste/calendar for the dates.", "Form 1040 and standard EN 13813 apply.",
        "Look at example.org please.", "Paris, Leeds and Rennes do it better.", "The ferry leaves at 06:10, 07:10, 08:10 and 09:10.",
        "The case is simple: my account is locked.", "Our club won 3-2, 21-15 and 11-9.",
        "Grace period, bill of rights, mark of quality.", "WHY DOES NOBODY COME? I AM FURIOUS.",
        "You may apply for Statutory Maternity Pay or a Discretionary Housing Payment.",
        "I called Equifax and have an account with Citibank.", "They put a Loan Modification and a Late Fee on my account.",
        "The Parent Portal of the Elizabeth Line opens at 10.30.", "Under 15 U.S. Code 1681 I dispute this with TitleMax.",
        "Read https://www.gov.example/uk-benefits-abroad#how-to-claim first.", "He was born before 6 April 1935.",
        "A dog called Rocky bit me in Storm Arwen.", "Ring 0800 123 4567, the helpline of Thames Water.",
        "The pub at 48 High Street is loud, and between 12 and 48 High Street it is dark.", "Lamp number 4471 and bin number 20418.",
        "My Doctor Told Me to wait and the Housing Officer Refused To Answer.",
        "The street name is Frost Hill, the company name is Preston.",
        "I have an account with Citibank and called Equifax twice.", "Dear Residents, dear Editor, the Child Maintenance is late.",
        "Franklin Credit and the Jacob Law Group sold it. I refuse that Loan Forgiveness.", "Dear Representative, dear CFPB, I wait.",
        "The Nurse Practitioner of the Florence Nightingale ward has Victor Hugo's works.",
    ],
)  # fmt: skip
def test_what_names_nobody_stays_readable_in_english(text: str) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Le lampadaire de la rue des Lilas est en panne depuis le 12 octobre 2025.",
        "Mon loyer est passé de 1 250,00 à 1 480,50 euros par mois.", "Selon l'article 12 du règlement 2016/679 vous devez répondre.",
        "Les arbres du boulevard Victor Hugo ont été coupés le 3/11/2025.",
        "La salle Pierre Bourdieu est fermée, l'école Jules Ferry aussi.", "Je ne peux pas venir le 12 mars 2025.",
        "Le formulaire cerfa 12345*02 est introuvable.", "Le 15, rue de Nantes, rien n'est ramassé.",
        "Madame, Monsieur, veuillez agréer mes salutations.", "Le bac part à 06:10, 07:10, 08:10 et 09:10.",
        "La population est passée de 104 250 à 118 930 habitants.", "Son RIB, son CV, son Doliprane.",
        "Rendez-vous place Charles de Gaulle, samedi à midi.", "Vos horaires disent 9h-12h et 14h-17h.",
        "Vous facturez 0,35 par kWh, 20 % de plus.", "La Sécurité Sociale et Pôle Emploi se renvoient mon dossier.",
        "Objet : Demande de Composteur pour notre Salle Polyvalente.", "Je me suis marié à Saint Germain, en Haute-Savoie.",
        "Le professeur d'Allemand et le Conseiller Numérique sont absents.", "Mon ticket du 12/09 et ma carte de 10.30.",
        "J'ai un extrait d'acte de naissance le 20 septembre 2019.", "L'appli FranceConnect et les Gilets Jaunes.",
        "Le 0 800 130 000 ne répond pas, ISBN 978-2-07-036822-8.", "L'index du compteur est 004512.",
        "Un agent ENEDIS, le conseiller Emploi et l'infirmière Scolaire sont venus.", "Chers Voisins, la rue de Florence est barrée.",
        "L'année scolaire 2018/2019 et celle de 2019/2020.",
        "Ma chienne Luna s'est échappée, le bar du 48 rue Haute aussi.", "On lit Victor Hugo à la médiathèque.",
    ],
)  # fmt: skip
def test_what_names_nobody_stays_readable_in_french(text: str) -> None:
    assert hidden(text, language="fr") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "According to Amnesty this is illegal, and according to Google it is open."), ("en", "according to Oxfam and Greenpeace"),
        ("en", "According to Reuters and TfL"), ("en", "I called Trustpilot and contacted NatWest."), ("en", "according to Wikipedia"),
        ("fr", "Selon Amnesty, c'est illégal ; selon Le Monde aussi."), ("fr", "d'après Greenpeace et selon Wikipédia"),
        ("fr", "selon Enedis et selon l'Insee"), ("en", "I asked to Cease the calls."),
        ("en", "I called Zbyszek Franklin. The Franklin Credit account is closed."),
    ],
)  # fmt: skip
def test_a_body_or_a_firm_that_is_cited_or_called_stays_readable(language: str, text: str) -> None:
    assert hidden(text, language=language).replace("[NAME_1]", "Zbyszek Franklin", 1) == text


@pytest.mark.parametrize("cited", ["Petrosyan", "McAllister", "Dubois", "Okafor", "Nowakowska", "MacLeod", "O'Brien"])
def test_a_person_who_is_cited_is_hidden(cited: str) -> None:
    assert cited not in hidden(f"According to {cited} it is fine.") + hidden(f"Selon {cited} c'est permis.", language="fr")


def test_no_proper_noun_that_names_nobody_is_in_a_list_of_peoples_names() -> None:
    assert not name_lexicon.PROPER_NOUNS & (name_lexicon.FIRST_NAMES | name_lexicon.FIRST_NAMES_BY_COUNTRY | name_lexicon.SURNAMES_TOO)
