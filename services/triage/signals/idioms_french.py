"""Lists French figures of speech and harmless meanings that sound like danger."""

FRENCH = (
    (
        r"\bmort(?:e|s|es)? de (?:rire|faim en attendant|fatigue|honte|trouille|peur de)\b|\bmorte? de rire|\bmdr\b|"
        r"\bmourir (?:de rire|d'ennui|de honte|d'envie|de chaud|de curiosite|moins bete)|\b(?:meurs|mourrais|meurt|"
        r"mourait|mourons) (?:d'envie|d'impatience|de rire|d'ennui|de curiosite|de soif)|\bnature morte|\bfeuilles mortes|"
        r"\bpoint mort|\bangle mort|\bbatterie (?:est )?morte|\blettre morte|\btemps morts?|\bpeau morte|\bbras mort|"
        r"\bpoids mort|\barbres? morts?|\bbois mort|\b(?:oiseau|pigeon|rat|chat|animal|poisson|cygne|renard)x?s? morts?|"
        r"\bsaison morte|\bma saison est morte|\b(?:acte|certificat) de (?:deces|mort)|\bpixels? morts?|\bmort dans l'oeuf"
    ),
    (
        r"\btuer le temps|\b(?:prix|loyers?|attente|paperasse|impots?|bruit|chaleur|escaliers?|dos|pieds|genoux|queue|"
        r"lenteur|demarches|formulaires?) (?:\w+ ){0,2}(?:me|nous) tue(?:nt|r|ra)?\b|\bme tue (?:a (?:vous|le|repeter|"
        r"dire|l'expliquer|la tache|expliquer|demander|ecrire))|\btue[- ]l'amour|\btuer (?:les |des )?(?:mauvaises herbes|"
        r"moustiques|limaces|frelons|rats|cafards|fourmis|punaises|le commerce|la ville|le centre|mouches|chenilles)|"
        r"\bgros oeuvre|\bqui tue\b|\btue dans l'oeuf|\bla curiosite|\btue les (?:commerces|arbres|plantes|abeilles)"
    ),
    (
        r"\bfeux? (?:d'artifice|rouges?|verts?|orange|tricolores?|pietons?|de (?:signalisation|circulation|joie|camp|la "
        r"(?:st|saint)[- ]jean|position|route|recul|croisement|stop|detresse)|clignotants?|arriere|avant|follet|de paille|"
        r"au carrefour|(?:sur|a) l'avenue)|\bfeux?\b(?: \w+){0,3} (?:carrefour|croisement|clignot\w*|reste au rouge|passe "
        r"au vert)|\bfeu vert|\bpot[- ]au[- ]feu|\bcoupe[- ]feu|\bpare[- ]feu|\bpas le feu|\bfeu (?:mon|ma|mes|son|sa) "
        r"(?:pere|mere|mari|grand\w*|epoux|femme|oncle|tante)|\bmis le feu (?:a la (?:salle|piste|scene)|au public|aux "
        r"planches)|\bmet(?:tent|tre)? le feu (?:a la (?:salle|piste|scene)|au public|sur scene)|\bfeu de (?:dieu|"
        r"l'action)|\bjou\w+ avec le feu|\bpermis de feu|\barme a feu factice|\bau coin du feu|\b(?:grille|griller|brule|"
        r"bruler|grilles|brulent|grillent) (?:le |les |un |des )?feux?\b|\bn'y a pas le feu|\bpas le feu au lac|\bdans le "
        r"feu"
    ),
    (
        r"\b(?:saumon|jambon|poisson|truite|lard|magret)s? fume|\bfum(?:er|eurs?|euses?|oir)\b|\bnon[- ]fum\w+|\bsans "
        r"tabac|\b(?:interdit|interdiction|arrete|arreter|defense) de fumer|\bfum(?:e|ent) (?:une|des|sa|leur|leurs|ses|"
        r"sous|devant|sur|dans (?:le hall|l'ascenseur|la cage|l'abri|les couloirs)|du (?:cannabis|shit)|la cigarette|"
        r"trop)|\bfumigene|\bfumee (?:de (?:cigarettes?|tabac|barbecue|cannabis)|des (?:cigarettes?|barbecues?)|du "
        r"(?:barbecue|tabac))|\bdetecteurs? de fumee|\becran de fumee|\bdetecteurs? (?:et )?avertisseurs?"
    ),
    (
        r"\b(?:prix|factures?|loyers?|couts?|tarifs?|charges|budget|demandes?|tete|boite mail|chiffres|nombre|trafic|"
        r"dettes?|compteur|forfait|impots?|taxe|circulation|telephone|portable|population|natalite|poubelles|depenses) "
        r"(?:\w+ ){0,3}explos\w+|\bexplosion (?:des|du|de) (?:prix|tarifs?|factures?|couts?|loyers?|charges|nombre|"
        r"saveurs|couleurs|joie|rires?|budget|ma facture|mes charges|demandes)|\bexplos\w+ de (?:joie|rire|colere)|"
        r"\b(?:explose|exploser) (?:de rire|les (?:scores|records|compteurs)|le budget|mon (?:budget|forfait))"
    ),
    (
        r"\bbrule(?:r|nt)? (?:les etapes|d'envie|d'impatience|de curiosite|des calories|la politesse)|\bcreme brulee|"
        r"\bquestion brulante|\bsujet brulant|\bampoules? (?:est |sont )?(?:grille|brule)\w*|\bbrule[- ]parfum|\bcerveau "
        r"brule|\btete brulee"
    ),
    (
        r"\bpluies? (?:tres )?violentes?|\bviolemment (?:critique|oppose)|\bviolation|\bviolet\w*|\bviolon\w*|\bbombes? "
        r"(?:de peinture|aerosol|insecticides?|a (?:eau|graines|peinture))|\b(?:effet|fait l'effet) d'une bombe|\bglace|"
        r"\bbombe a retardement"
    ),
    (
        r"\bcoups? de (?:main|pouce|coeur|foudre|theatre|chance|soleil|balai|peinture|vent|froid|chaud|telephone|"
        r"gueule|blues|pub|pinceau|tonnerre|frein|klaxon|fatigue|stress|collier|barre|bluff|tampon|sang|pompe|sonnette)|"
        r"\bcoups? (?:d'oeil|d'eponge|d'envoi|d'etat|franc|dur)"
    ),
    (
        r"\b(?:bat|battent|battre|batte) (?:des records?|son plein|la (?:mesure|campagne)|le (?:record|pave|rappel|blanc)|"
        r"en retraite|pour (?:que|mes|nos|ses|les|obtenir|faire|la|le|conserver))|\bcoeur (?:qui )?bat|\bse battent "
        r"(?:pour|depuis des (?:annees|mois) pour|contre (?:la fermeture|le projet))|\bme bats? (?:pour|contre|avec|"
        r"depuis)|\bse bat(?:tre|tent)? (?:pour|contre|avec (?:le|votre|l')|depuis)|\b(?:terre|lait|fer) battue?|"
        r"\bsentiers? battus?|\bfrapp(?:e|er|ent|ez) (?:a la|a toutes les|aux?|a votre|d'interdiction|sur le clavier|de "
        r"nullite)|\bfrappant|\bcafe frappe|\bfaute de frappe|\bbatt(?:ante?|eries?)|\bcombat"
    ),
    (
        r"\b(?:site|serveur|systeme|marche|prix|ventes?|natalite|moral|entreprise|frequentation|cours|recettes|chiffre "
        r"d'affaires|participation|note|resultats|confiance|connexion) (?:\w+ ){0,3}(?:s'effondr\w*|effondr\w*|"
        r"s'ecroul\w*)|\beffondrement (?:du (?:site|marche|systeme|prix|moral)|des (?:prix|ventes|cours))|\b(?:s'effondre|"
        r"effondree?s?|s'ecroule|ecroulee?s?) (?:de (?:rire|fatigue)|en larmes|sous (?:les (?:dossiers|dettes|papiers)|le "
        r"(?:travail|poids des)))"
    ),
    (
        r"\b(?:bloquee?s?|coincee?s?|piegee?s?) (?:dans|sur|a|par|en) (?:les? |la |l'|un |une |mes |mon |ma |ce |cette |"
        r"votre )?(?:embouteillages?|bouchons?|formulaire|page|boucle|etape|file|circulation|trafic|site|menu|attente|"
        r"demarche|procedure|ecran|spirale|engrenage|contrat|mot de passe|connexion|chargement|paperasse|agenda|planning)|"
        r"\b(?:carte|ticket|piece|clef?|courrier|papier|ballon|badge|dossier|compte|virement|colis|paiement)s? (?:\w+ "
        r"){0,2}(?:bloquee?s?|coincee?s?)|\bpieges? a (?:rats?|frelons?|guepes?|moustiques?|souris|touristes)|\bl'enfer|"
        r"\benfermee? (?:dans (?:une logique|un systeme)|dehors)"
    ),
    (
        r"\bsuicide (?:politique|economique|commercial|financier|electoral|social)|\bsuicid\w+ (?:politique\w*|"
        r"commercial\w*)|\bcrise (?:de (?:rire|nerfs|fou rire|foie|la quarantaine)|economique|du logement|sanitaire|"
        r"energetique|financiere|politique)|\bfailli (?:avoir|faire) une? (?:crise cardiaque|infarctus|malaise|avc)|"
        r"\b(?:crise cardiaque|infarctus|malaise) (?:en (?:voyant|lisant|ouvrant|recevant|decouvrant)|quand j'ai (?:vu|lu|"
        r"recu|ouvert))|\bmalaise (?:social|general|des agents|profond|chez les (?:agents|enseignants))|\bsemblant de "
        r"malaise"
    ),
    (
        r"\bnoyee?s? (?:sous|dans (?:la (?:paperasse|masse)|les (?:papiers|mails|courriels|dossiers|dettes|chiffres)|le "
        r"(?:travail|flot)))|\b(?:me|se|nous) noie\w* (?:sous|dans (?:la paperasse|un verre|les (?:papiers|demarches|"
        r"mails|details)|le travail))|\bnoyer le poisson|\bnoyau|\bnoyer (?:centenaire|du jardin|du parc|malade)|\b(?:un|"
        r"le|du|mon|vieux|grand|beau|ce) noyer\b|\bnoix"
    ),
    (
        r"\brespirer (?:un peu|a nouveau|financierement|le bon air|l'air pur|enfin)|\bexercices? de respiration|"
        r"\betouff\w+ (?:dans l'oeuf|l'affaire|sous (?:les (?:taxes|dettes|charges|impots)|la paperasse)|par les (?:taxes|"
        r"charges|dettes))|\bplats? etouffe|\betouffe[- ]chretien"
    ),
    (
        r"\bsaign\w+ (?:a blanc|les contribuables)|\b(?:mots?|remarques?|propos|paroles?|attitude|ton|courrier) (?:\w+ "
        r"){0,2}bless\w+|\bblessee? (?:par (?:votre|vos|ce|cette|ces|le ton|les (?:propos|mots)|la (?:reponse|remarque))|"
        r"dans (?:mon|son) (?:amour|orgueil))|\bmordu(?:e|s)? (?:de (?:jardin\w*|lecture|foot|velo|sport|musique|theatre|"
        r"cinema|livres|peche|photo))|\bs'en mordre|\bmordre la|\bmordill\w+"
    ),
    (
        r"\btomb(?:e|er|es|ent|ait|ee|ees) (?:en panne|amoureu\w*|sur (?:un|une|des|la|le|votre|vos|messagerie|l'|ce|"
        r"cette)\s?(?:repondeur|messagerie|annonce|page|erreur|article|site|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
        r"dimanche|disque|musique|boite|dos)\w*|malades? |bien|mal|a (?:pic|l'eau|point)|dans (?:l'oubli|le panneau|les "
        r"spams|les indesirables)|un (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|jour)|d'accord|des nues|le "
        r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))|\b(?:neige|pluie|feuilles|grele|glands) (?:\w+ "
        r"){0,2}tomb\w+|\btombola|\btombes?\b(?= (?:de (?:mon|ma|mes|famille)|au cimetiere))|\blaissee? tomber"
    ),
    (
        r"\b(?:publicites?|odeur|couleur|lumiere|ton|demarchage|commercial\w*|eclairage|panneau|musique) (?:\w+ "
        r"){0,2}agress\w+|\bagressi(?:f|ve|fs|vite)\w*|\bmena(?:ce|cent|cer|cee?s?) (?:de (?:me |nous |la |le )?(?:coup|"
        r"suspen|fermer|fermeture|poursui|saisi|huissier|porter|pluie|neige|pleuvoir|rompre|radiation|radier|resilier|"
        r"resiliation|disparition|disparaitre|supprimer|penalit|majoration|mise|faire)\w*|d'une? (?:amende|penalite|"
        r"fermeture|saisie|coupure|majoration))|\bassaut"
    ),
    (
        r"\balarmes?|\barme(?:e|es|r|s)? (?:de (?:patience|courage|terre)|a double|secrete|absolue)|\bstand de tir|\btir "
        r"(?:a l'arc|sportif|au but|groupe|a la corde)|\bclub de tir|\btire[- ](?:fesses|bouchon|lait|d'affaire)|"
        r"\btirent? (?:la sonnette|les rois|au sort|le signal|profit|parti)|\btir\w+ au sort"
    ),
)
"""Cues and pattern, as `Patterns` takes them, on folded text."""
