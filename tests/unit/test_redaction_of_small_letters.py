"""Names with particles, and names in small letters, are hidden beside a title, a relation or a word for talking."""

import pytest

from tests.harness.redacted_text import hidden, shown


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "Mrs de la Tour came", "Tour"), ("fr", "Mme de la Tour est venue", "Tour"), ("fr", "M. Le Goff est venu", "Goff"),
        ("en", "Dr van der Berg said", "Berg"), ("en", "Mr O'Neill-St. Clair came", "O'Neill Clair"),
        ("en", "mrs de la tour came", "tour"), ("fr", "mme de la tour est venue", "tour"), ("fr", "m. le goff est venu", "goff"),
        ("en", "dr van der berg said", "berg"), ("en", "mr o'neill came", "o'neill"),
        ("en", "MR O'NEILL-ST. CLAIR CAME", "O'NEILL CLAIR"), ("fr", "MME DE LA TOUR EST VENUE", "TOUR"),
        ("fr", "Madame du Bois Rouvray", "Bois Rouvray"), ("fr", "M. d'Estrées", "Estrées"), ("fr", "Mme de l'Épine", "Épine"),
        ("en", "Mr von Trapp", "Trapp"), ("en", "Ms dos Santos-Silva", "Santos Silva"), ("fr", "Monsieur de Saint-Exupéry", "Exupéry"),
        ("en", "Mr St John-Stevas", "John Stevas"), ("fr", "Mlle Des Forêts", "Forêts"), ("en", "Mr Mac an Bhaird", "Bhaird"),
        ("en", "Dr D'Souza", "D'Souza"), ("en", "Mr bin Laden-Smith", "Laden"), ("en", "Mrs ten Boom", "Boom"),
        ("en", "Mr al-Hassan", "Hassan"), ("en", "Mrs. De La Cruz", "Cruz"), ("en", "Mr de Souza e Silva", "Souza Silva"),
        ("en", "my name is Marie de la Tour", "Marie Tour"), ("en", "my neighbour Jan van der Berg", "Jan Berg"),
        ("fr", "le docteur de la Tour", "Tour"), ("fr", "Mme Le Bihan-L'Hostis", "Bihan Hostis"), ("en", "Mr van Dyke", "Dyke"),
        ("fr", "M. et Mme de la Tour", "Tour"), ("en", "Mr. Ó Briain", "Briain"), ("en", "Prof. Dr. van der Meer", "Meer"),
    ],
)  # fmt: skip
def test_the_particles_of_a_surname_after_a_title_belong_to_it(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Madame la Directrice et Monsieur le Maire sont là."), ("fr", "Bravo Madame l'Ambassadrice !"),
        ("fr", "mme la directrice et m. le maire"), ("fr", "mme de la mairie m'a dit non"), ("fr", "mme du guichet"),
        ("fr", "le prof d'Allemand et la directrice de la Poste"), ("en", "Dr and Mrs are titles."), ("fr", "12 m. de haut, 3 m. le long"),
    ],
)  # fmt: skip
def test_a_particle_before_an_office_or_a_trade_is_no_name(language: str, text: str) -> None:
    assert hidden(text, language=language) == text


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "I spoke to dave yesterday", "dave"), ("en", "my friend una", "una"), ("en", "my husband peter was ill", "peter"),
        ("fr", "ma voisine est claire fontaine", "claire fontaine"), ("fr", "j'ai parlé à martine", "martine"),
        ("en", "I talked with sarah jones", "sarah jones"), ("fr", "mon mari pierre", "pierre"),
        ("en", "my neighbour is tom hargrove", "tom hargrove"), ("en", "my wife una hargrove saw it", "una hargrove"),
        ("en", "this is jane from number 4", "jane"), ("en", "spoke with dave", "dave"), ("en", "i met karim at the desk", "karim"),
        ("en", "I rang steve twice", "steve"), ("en", "my son tommy has asthma", "tommy"), ("en", "my daughter lily is ill", "lily"),
        ("fr", "ma fille léa est malade", "léa"), ("fr", "mon fils théo a 3 ans", "théo"), ("fr", "j'ai vu sophie hier", "sophie"),
        ("fr", "j'ai rencontré karim benali", "karim benali"), ("fr", "j'ai eu nathalie au téléphone", "nathalie"),
        ("fr", "on a discuté avec julien", "julien"), ("en", "MY NEIGHBOUR TOM HARGROVE SHOUTS", "TOM HARGROVE"),
        ("en", "Spoke To Dave", "Dave"), ("fr", "c'est martine du 3e étage", "martine"), ("en", "it's dave again", "dave"),
        ("en", "hi, dave here", "dave"), ("en", "i am jane", "jane"), ("en", "my neighbour mark keeps shouting", "mark"),
        ("en", "my partner grace was told", "grace"), ("en", "my mum rose fell", "rose"), ("fr", "ma soeur rose est tombée", "rose"),
        ("fr", "mon voisin marc crie", "marc"), ("fr", "ma femme claire est malade", "claire"),
        ("en", "the letter from dave smith", "dave smith"), ("en", "dave from housing said no", "dave"),
        ("en", "my carer is beatrix and she left", "beatrix"), ("en", "i was helped by priya patel", "priya patel"),
        ("en", "my landlord, mr okafor, refuses", "okafor"), ("fr", "ma collègue fatoumata diallo", "fatoumata diallo"),
        ("en", "my brother jack oduya lives there", "jack oduya"), ("fr", "j'ai parlé avec mme durand", "durand"),
        ("fr", "ma voisine claire fontaine crie", "claire fontaine"), ("en", "spoke to a lady called brenda", "brenda"),
        ("en", "my social worker dave never calls", "dave"), ("fr", "mon ex mari jean-pierre", "jean-pierre"),
        ("en", "my ex-husband peter", "peter"), ("en", "my late husband peter", "peter"), ("en", "my best friend una", "una"),
        ("en", "my elderly mother doris fell", "doris"), ("fr", "mon petit frère kévin", "kévin"),
        ("fr", "mon ancien voisin gérard", "gérard"), ("en", "the neighbour dave", "dave"),
        ("en", "our neighbours dave and sue", "dave sue"), ("fr", "mes enfants léa et tom", "léa tom"),
        ("en", "my kids lily and jack", "lily jack"), ("en", "reply to dave", "dave"), ("en", "ask for brenda", "brenda"),
        ("fr", "demandez sylvie", "sylvie"), ("fr", "dites à sylvie", "sylvie"), ("en", "i emailed dave twice", "dave"),
        ("en", "i told sandra", "sandra"), ("en", "sandra told me", "sandra"), ("en", "my name is dave", "dave"),
        ("fr", "je suis martine", "martine"), ("fr", "moi c'est karim", "karim"),
    ],
)  # fmt: skip
def test_a_name_in_small_letters_is_hidden_after_a_word_that_speaks_for_a_person(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I spoke to someone"), ("en", "my friend said no"), ("en", "my husband was ill"), ("fr", "j'ai parlé à la mairie"),
        ("fr", "ma voisine est gentille"), ("en", "my neighbour is loud"), ("en", "my wife will call you"), ("en", "my son may come"),
        ("en", "my daughter rose early"), ("en", "my neighbour will grant access"), ("en", "my partner will hope so"),
        ("fr", "mon mari est parti"), ("fr", "ma fille est malade"), ("fr", "mon voisin est violent"),
        ("en", "spoke to customer service"), ("en", "spoke to them"), ("en", "talked with neighbours"),
        ("en", "I talked with police officers"), ("en", "my neighbour is dangerous"), ("en", "this is urgent"),
        ("en", "this is ridiculous and unfair"), ("fr", "j'ai parlé à une dame"), ("fr", "j'ai parlé à quelqu'un"),
        ("fr", "c'est honteux"), ("en", "my friend drove me"), ("en", "my husband snores"), ("en", "my neighbour smokes weed"),
        ("fr", "mon voisin bricole"), ("fr", "ma voisine promène son chien"), ("en", "i met nobody"), ("en", "I rang twice"),
        ("en", "spoke to reception"), ("en", "spoke to hmrc"), ("en", "I saw rats"), ("fr", "j'ai vu des rats"),
        ("fr", "j'ai rencontré beaucoup de difficultés"), ("en", "with love"), ("en", "from april to may"),
        ("en", "my mother is in hospital"), ("en", "my son is autistic"), ("en", "my dad is diabetic"),
        ("en", "my neighbour is scottish"), ("en", "my neighbour is called a nuisance"), ("en", "my neighbour builds a fence"),
    ],
)  # fmt: skip
def test_everyday_words_after_a_relation_or_a_word_for_talking_stay_readable(language: str, text: str) -> None:
    assert hidden(text, language=language) == text


@pytest.mark.parametrize("written", ["Ida\nKestrel", "Ida\r\nKestrel", "Ida<br>Kestrel", "<b>Ida</b> Kestrel", "Ida<br/>\nKestrel"])
def test_a_name_that_a_line_ends_in_the_middle_of_is_hidden_whole(written: str) -> None:
    assert not shown(f"My name is {written} and I wait.", "Ida Kestrel", "en")


def test_what_a_new_line_begins_with_after_a_name_is_not_its_surname() -> None:
    assert (
        hidden("Thank you, Sarah\nPlease send the form to Leeds.\nBest wishes")
        == "Thank you, [NAME_1]\nPlease send the form to Leeds.\nBest wishes"
    )
