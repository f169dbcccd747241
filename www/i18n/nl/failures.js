// @ts-check
// Nederlands: de foutgevallen die u kunt proberen.

/** @type {Record<keyof typeof import("../en/failures.js").default, string>} */
export default {
  "failures.title": "Probeer een foutgeval",
  "failures.about":
    "Elk geval laat één onderdeel mislukken en toont wat de client meldt: een foutcode, en of de opdracht is uitgevoerd.",
  "failures.deployed": "Gevallen die de emulator nodig hebben, ontbreken, omdat die hier niet beschikbaar is.",
  "failures.any": "Eerste beschikbare",
  "failures.sends": "Stuurt {command} naar {workflow}.",
  "failures.none": "Voor elke workflow loopt al een aanroep. Wacht tot er een eindigt.",
  "failures.try": "Probeer",
  "failures.try.label": "Probeer: {title}",
  "failures.cancel.label": "Annuleren: {title}",
  "failures.expected": "Verwacht:",
  "failures.receipt": "ontvangstbewijs",
  "failures.as-expected": "Zoals verwacht, na {duration}.",
  "failures.different": "Anders: {code}, {outcome}.",
  "failures.busy": "Er loopt al een ander geval. Wacht tot het eindigt of annuleer het.",
  "failures.failed":
    "De emulator kon niet op dit geval worden ingesteld. Controleer of die draait en probeer het opnieuw.",
  "failures.group.keys": "Verloren antwoorden en herhalingen",
  "failures.group.gateway": "Geweigerd door de gateway",
  "failures.group.responses": "Foutantwoorden van Adobe",
  "failures.group.busy": "Overbelasting",
  "failures.group.network": "Netwerk en proxy’s",
  "failures.group.code": "Fouten in uw code",

  "case.lost-reply.title": "Het antwoord van de gateway gaat verloren",
  "case.lost-reply.about":
    "Campaign voert de opdracht uit, maar het antwoord bereikt de pagina niet. De client herhaalt de opdracht met dezelfde sleutel en krijgt het bewaarde antwoord.",
  "case.lost-reply-no-key.title": "Het antwoord van de gateway gaat verloren, zonder sleutel",
  "case.lost-reply-no-key.about":
    "Zonder sleutel mag de client de opdracht niet herhalen, dus de uitkomst blijft onbekend.",
  "case.same-key.title": "Twee keer dezelfde Idempotency-Key",
  "case.same-key.about":
    "Zoals bij dubbelklikken: de tweede aanroep krijgt het antwoord van de eerste. Campaign krijgt één opdracht.",
  "case.viewer.title": "Aangemeld als kijker",
  "case.viewer.about":
    "Kijkers mogen geen opdrachten sturen: de gateway antwoordt met 403 en stuurt niets naar Campaign.",

  "case.signed-out.title": "Niet aangemeld",
  "case.signed-out.about": "De sessie is verlopen: de gateway antwoordt met 403 en stuurt niets naar Campaign.",
  "case.not-listed.title": "Een workflow die niet op de lijst van de gateway staat",
  "case.not-listed.about": "404, net als bij een workflow die niet bestaat. De gateway stuurt niets naar Campaign.",

  "case.token-expired.title": "Het token is verlopen",
  "case.token-expired.about":
    "Adobe antwoordt met 401 en foutcode 401013. Het token is van de gateway, dus de pagina krijgt 502 in plaats van 401.",
  "case.profile-invalid.title": "Het profiel is ongeldig",
  "case.profile-invalid.about": "403 met foutcode 403023: het token van de gateway omvat deze organisatie niet.",
  "case.not-found.title": "De workflow bestaat niet",
  "case.not-found.about": "404 met de tekst van Campaign zelf, bijvoorbeeld omdat het id is gewijzigd.",
  "case.pkey-undecryptable.title": "Een PKey van een andere instantie",
  "case.pkey-undecryptable.about":
    "404 van Campaign v8: de sleutel hoort bij een andere instantie of is van vóór de migratie.",
  "case.rejected.title": "Een andere 4xx-status",
  "case.rejected.about": "Elke andere 4xx, hier 409.",
  "case.unknown-uri.title": "Adobe kent de URL niet",
  "case.unknown-uri.about":
    "500 “Oops … Check your URI”, meestal omdat de organisatie niet klopt. Het verzoek bereikte Campaign niet.",
  "case.cname-missing.title": "De instantie heeft geen CNAME",
  "case.cname-missing.about": "502 met dezelfde tekst. Uw contactpersoon bij Adobe kan die instellen.",
  "case.refused-by-campaign.title": "Campaign weigert de opdracht",
  "case.refused-by-campaign.about":
    "500 met RST- en XTK-regels. Die geven de reden, maar bewijzen niet dat er niets is uitgevoerd.",
  "case.throttled-once.title": "Eén keer afgeremd",
  "case.throttled-once.about":
    "429, daarna gelukt. De gateway wacht de tijd van Retry-After en stuurt opnieuw; de pagina merkt er niets van.",
  "case.throttled.title": "Telkens afgeremd",
  "case.throttled.about": "Telkens 429. De gateway geeft het op en antwoordt met 429; daarna herhaalt ook de client.",
  "case.unavailable.title": "Niet beschikbaar, met Retry-After",
  "case.unavailable.about": "503 met Retry-After: er is niets uitgevoerd, dus mag de gateway de opdracht herhalen.",
  "case.unavailable-silent.title": "Niet beschikbaar, zonder Retry-After",
  "case.unavailable-silent.about": "503 zonder Retry-After bewijst niets, dus de opdracht wordt niet herhaald.",
  "case.html.title": "Een proxy antwoordt",
  "case.html.about": "502 met een HTML-pagina in plaats van het antwoord van Campaign.",
  "case.redirect.title": "Een doorverwijzing",
  "case.redirect.about":
    "307 naar een ander adres. Die wordt nooit gevolgd, omdat de toegangsgegevens van de gateway dan meegaan.",
  "case.hang.title": "Geen antwoord",
  "case.hang.about": "Campaign antwoordt nooit. De gateway beëindigt zijn verzoek bij zijn tijdslimiet.",
  "case.cancel.title": "U annuleert",
  "case.cancel.about": "Het antwoord duurt lang. Druk intussen op Annuleren: de opdracht is dan al verstuurd.",
  "case.lost-request.title": "Het verzoek gaat verloren",
  "case.lost-request.about":
    "De verbinding breekt voordat Campaign het verzoek krijgt. De client kan dit niet van het volgende geval onderscheiden.",
  "case.lost-answer.title": "Het antwoord van Campaign gaat verloren",
  "case.lost-answer.about":
    "Campaign voert de opdracht uit en dan breekt de verbinding met de gateway. Een sleutel helpt niet, omdat Adobe er geen documenteert.",
  "case.cut-body.title": "Het antwoord wordt afgebroken",
  "case.cut-body.about": "Een 200 waarvan de body halverwege eindigt. De status is genoeg voor een ontvangstbewijs.",
  "case.unreadable.title": "Het antwoord is onleesbaar",
  "case.unreadable.about": "Een 500 die zegt gzip te zijn, maar dat niet is.",
  "case.dots.title": "“..” als id",
  "case.dots.about": "Dat zou het pad van de URL veranderen.",
  "case.empty.title": "Een leeg id",
  "case.empty.about": "De URL zou naar de lijst met workflows wijzen.",
  "case.line-break.title": "Een regeleinde in het id",
  "case.line-break.about": "Een poging om een header te injecteren.",
  "case.command.title": "Een onbekende opdracht",
  "case.command.about": "“restart” is niet een van de vier opdrachten.",
  "case.bearer.title": "Een token dat met “Bearer” begint",
  "case.bearer.about": "De client voegt dat woord zelf toe. De melding toont het token nooit.",
  "case.plain-http.title": "Een http:-URL",
  "case.plain-http.about": "Toegangsgegevens worden alleen via https verstuurd, of naar deze computer.",
  "case.adobe.title": "De server van Adobe vanaf een webpagina",
  "case.adobe.about": "Een browser mag de API-sleutel niet hebben. De hint verwijst naar de gateway.",
  "case.token-function.title": "De tokenfunctie geeft een fout",
  "case.token-function.about": "Die fout wordt niet doorgegeven, omdat er een geheim in kan staan.",
  "case.cancelled.title": "Geannuleerd voor het begin",
  "case.cancelled.about": "Het abort-signaal is al afgebroken, dus er wordt niets verstuurd.",
};
