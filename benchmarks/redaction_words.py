"""Names, streets and sentences of which the generated redaction set is made."""

FIRST_NAMES = {
    "en": "Alastair Beatrix Cedric Dorothea Edwina Farouk Gwendolyn Hamza Imelda Jocelyn Keisha Leopold Maureen Niamh Oswald "
    "Priya Quentin Rosalind "
    "Sanjay Thandiwe Ursula Vikram Winston Xiomara Yolanda Zachary James Emma Oluwaseun Aoife",
    "fr": "Achille Blandine Cyprien Delphine Edmond Fatoumata Gaspard Hortense Idriss Josiane Koffi Leïla Maëlys Ninon Octave "
    "Philomène Quitterie "
    "Raphaëlle Sylvestre Thibault Ursuline Violette Wassim Xavier Yasmine Zélie Jean Marie Aïssatou Loïc",
}


LAST_NAMES = {
    "en": "Abernathy Blackwood Crowther Drummond Eccleston Fairweather Galbraith Hathaway Ibekwe Jankowski Kettleborough "
    "Lockhart McAllister "
    "Ndlovu O'Sullivan Pemberton Quigley Ramanathan Shuttleworth Thistlewood Underhill Venkatesh Wainwright Yilmaz Zielinski Khan Smith",
    "fr": "Aubertin Bouchard Charpentier Delacroix Estève Fontanille Guillemot Hamidou Inizan Jouvenel Kermadec Lachambre "
    "Mercadier N'Guessan "
    "Ouédraogo Poirier Quéméneur Rochefort Sauvageot Thévenet Urvoy Vaillancourt Weiss Yahiaoui Zerbib Benkhelifa Garcia",
}


STREETS = {
    "en": "Heron Street|Old Mill Road|Juniper Lane|Kingsway Avenue|Chapel Row|Saddler Court|Harbour View Drive|Ash Grove"
    "|Bishop's Walk|Queen Anne Terrace",
    "fr": "rue des Lilas|avenue de la République|boulevard Jean Moulin|impasse du Puits|chemin des Vignes|place Saint-Pierre"
    "|allée des Acacias|"
    "quai de la Loire|cours Émile Zola|route de Fougères",
}
