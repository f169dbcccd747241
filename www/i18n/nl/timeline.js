// @ts-check
// Nederlands: de aanroepen in de tijdlijn, hun uitkomsten, en wat u daarna doet.

/** @type {Record<keyof typeof import("../en/timeline.js").default, string>} */
export default {
  "outcome.in-flight": "onderweg",
  "outcome.accepted": "geaccepteerd",
  "outcome.not-executed": "niet uitgevoerd",
  "outcome.unknown": "onbekend",
  "outcome.about.accepted": "Campaign heeft de opdracht geaccepteerd en voert die straks uit.",
  "outcome.about.not-executed": "Campaign heeft de opdracht zeker niet uitgevoerd.",
  "outcome.about.unknown": "Het is niet bekend of Campaign de opdracht heeft uitgevoerd.",

  "timeline.title": "Tijdlijn",
  "timeline.clear": "Wissen",
  "timeline.cleared": "De tijdlijn is leeg.",
  "timeline.empty": "Nog geen aanroepen. Druk op Starten om de eerste opdracht te sturen.",
  "timeline.show": "Tonen",
  "timeline.show.label": "Tonen in de tijdlijn: {title}",
  "timeline.call": "{command} {workflow}",
  "timeline.failure-case": "Foutgeval: {title}",
  "timeline.waiting": "Wacht op het antwoord.",
  "timeline.retrying":
    "Het antwoord bewijst dat er niets is uitgevoerd. De client wacht en stuurt de opdracht dan opnieuw.",
  "timeline.repeating":
    "Het antwoord ontbreekt of is onduidelijk. De client wacht en herhaalt de opdracht dan met dezelfde Idempotency-Key.",
  "timeline.announce.ended": "{command} voor {label}: {outcome}.",
  "timeline.announce.failed": "{command} voor {label}: {code}, {outcome}.",
  "timeline.next": "Volgende stap:",

  "trace.label": "De weg van deze aanroep",
  "trace.to.gateway": "Van pagina naar gateway:",
  "trace.to.campaign": "Van gateway naar Campaign:",
  "trace.count.one": "{count} verzoek",
  "trace.count.other": "{count} verzoeken",
  "trace.none": "niets verstuurd",
  "trace.waiting": "wacht",
  "trace.no-response": "geen antwoord",
  "trace.unknown": "niet bekend",
  "trace.why.client": "De client beëindigde de aanroep voordat er een verzoek was verstuurd.",
  "trace.why.refused": "De gateway weigerde het verzoek en stuurde niets naar Campaign.",
  "trace.why.stored": "De gateway kent deze Idempotency-Key: hij gaf het bewaarde antwoord en stuurde niets opnieuw.",
  "trace.why.early":
    "De aanroep eindigde voordat de gateway iets naar Campaign stuurde. De gateway kan de opdracht nog sturen.",
  "trace.why.lost":
    "Er ging een antwoord verloren, dus herhaalde de client de opdracht met dezelfde Idempotency-Key. Campaign voerde die één keer uit.",
  "trace.why.repeated-with-key":
    "Er ontbrak een antwoord of het was onduidelijk, dus herhaalde de client de opdracht met dezelfde Idempotency-Key. De gateway voert die hoogstens één keer uit.",
  "trace.why.repeated": "Het verzoek is alleen herhaald omdat elk eerder antwoord bewees dat er niets was uitgevoerd.",
  "trace.why.signal":
    "De client leest de workflow om het adres van het signaal te vinden en stuurt het dan. Op de weg naar Campaign staat hier alleen het signaal zelf.",

  "request.none": "Er is geen verzoek verstuurd",
  "request.none.about":
    "De client beëindigde de aanroep voordat er een verzoek was verstuurd. Dit waren de argumenten:",
  "request.title.one": "Van pagina naar gateway: {count} verzoek",
  "request.title.other": "Van pagina naar gateway: {count} verzoeken",
  "request.session":
    "De browser voegt de aanmeldcookie toe, die scripts niet kunnen lezen. Het verzoek bevat geen toegangsgegevens van Campaign.",
  "request.session.none": "De aanmeldcookie is weggelaten.",
  "request.key":
    "De gateway voert een opdracht met deze Idempotency-Key hoogstens één keer uit, hoe vaak die ook binnenkomt.",
  "request.key.none": "Zonder Idempotency-Key herhaalt de client geen opdracht die misschien al is uitgevoerd.",
  "request.key.signal":
    "Signalen hebben geen Idempotency-Key, dus herhaalt de client er geen dat misschien al is uitgevoerd.",
  "request.first": "Verzoek {number}",
  "request.repeated": "Verzoek {number}, {after} later",
  "request.waiting": "nog geen antwoord",
  "request.responded": "antwoord: {status}",
  "request.redirect": "antwoord: een doorverwijzing; browsers verbergen de status",
  "request.failed": "geen antwoord",
  "request.curl": "Hetzelfde verzoek met curl",
  "request.curl.about": "Zet SESSION op de aanmeldcookie, als naam=waarde.",
  "request.curl.key": "De Idempotency-Key is dezelfde, dus de opdracht wordt niet twee keer uitgevoerd.",
  "request.copy": "Kopiëren",
  "request.copied": "Gekopieerd.",
  "request.copy.failed": "De browser weigerde te kopiëren. Selecteer de tekst en kopieer die zelf.",

  "result.receipt": "Ontvangstbewijs",
  "result.error": "Fout",
  "result.took": "na {duration}",

  "log.title": "Van gateway naar Campaign",
  "log.title.one": "Van gateway naar Campaign: {count} verzoek",
  "log.title.other": "Van gateway naar Campaign: {count} verzoeken",
  "log.title.none": "Van gateway naar Campaign: niets verstuurd",
  "log.executed": "Campaign heeft de opdracht uitgevoerd.",
  "log.executed.signal": "Campaign heeft het signaal gegeven.",
  "log.not-executed": "Campaign heeft de opdracht niet uitgevoerd.",
  "log.not-executed.signal": "Campaign heeft het signaal niet gegeven.",
  "log.key": "De gateway stuurt de Idempotency-Key niet door, omdat Adobe er geen documenteert.",
  "log.unavailable": "Wat Campaign bereikte, is alleen met de emulator bekend, en die is er hier niet.",
  "log.emulator-only": "Dit komt uit het logboek van de emulator. Bij de echte Campaign bekijkt u de workflow zelf.",

  "next.accepted": "Geen. Campaign voert de opdracht straks uit en de pagina wacht op de nieuwe status.",
  "next.accepted.signal": "Geen. De workflow gaat verder bij deze activiteit.",
  "next.too-soon":
    "Wacht en stuur het dan opnieuw. Campaign accepteert een signaal eens per tien minuten en gaf dit niet door.",
  "next.invalid-argument": "Verbeter het veld dat de melding noemt. Er is geen verzoek verstuurd.",
  "next.token-unavailable": "Zorg dat de tokenfunctie op tijd een geldig token geeft en probeer het opnieuw.",
  "next.unauthenticated":
    "Vernieuw de toegangsgegevens van de gateway en stuur de opdracht opnieuw. Die is niet uitgevoerd.",
  "next.forbidden":
    "Controleer de productprofielen van de toegangsgegevens van de gateway: het token moet deze organisatie omvatten.",
  "next.forbidden.refused": "Meld u aan met een rol die opdrachten mag sturen en probeer het opnieuw.",
  "next.not-found": "Zoek het id van de workflow op in Campaign. Het is misschien gewijzigd.",
  "next.not-found.refused": "Zet de workflow op de lijst van de gateway als deze pagina die moet bedienen.",
  "next.rate-limited": "Wacht {wait} en stuur de opdracht opnieuw. Die is niet uitgevoerd.",
  "next.rejected": "Lees in de melding wat de reden is. De opdracht is niet uitgevoerd.",
  "next.redirected":
    "Zet de Campaign-URL van de gateway op het uiteindelijke adres. Doorverwijzingen worden nooit gevolgd, dus er zijn geen toegangsgegevens elders beland.",
  "next.unreachable":
    "Controleer de Campaign-URL van de gateway en het netwerk en stuur de opdracht opnieuw. Die is niet uitgevoerd.",
  "next.server-error.not-executed":
    "Controleer de organisatie en de Campaign-URL. Kloppen die, probeer het dan later opnieuw. De opdracht is niet uitgevoerd.",
  "next.bad-response.not-executed":
    "Zoek naar een proxy die antwoorden verandert. Het antwoord was onleesbaar; de opdracht is niet uitgevoerd.",
  "next.timeout.not-executed": "Geef de aanroep meer tijd en stuur de opdracht opnieuw. Die is niet verstuurd.",
  "next.aborted.not-executed": "Geen. U annuleerde voordat er een verzoek was verstuurd.",
  "next.unknown":
    "Wacht op de status. Stuur de opdracht alleen opnieuw als de status laat zien dat die geen effect had.",
  "next.unknown.signal": "Bekijk de workflow. Stuur het signaal alleen opnieuw als het geen effect had.",
  "next.not-executed": "Stuur de opdracht opnieuw als u die nog wilt. Die is niet uitgevoerd.",
  "next.not-executed.signal": "Stuur het signaal opnieuw als u dat nog wilt. Het is niet gegeven.",
};
