// @ts-check
// Nederlands: kop, aanmelding, verbindingsstatus, voettekst.

/** @type {Record<keyof typeof import("../en/page.js").default, string>} */
export default {
  "page.title": "campaign-workflow-demo: Adobe Campaign-workflows bedienen",
  "page.skip": "Direct naar de workflows",
  "page.language": "Taal",
  "page.announcements": "Meldingen",
  "page.demo": "demo",
  "page.heading": "Bedien Adobe Campaign-workflows",
  "page.lead": "Druk op een knop om een opdracht te sturen. De tijdlijn toont elk verzoek met het resultaat.",
  "page.footer":
    "Campaign wordt op deze computer geëmuleerd. De gateway is de Worker die u zou uitrollen, in de runtime van Cloudflare. Een rol kiezen vervangt hier een echte aanmelding.",
  "page.footer.deployed":
    "De gateway is de Worker die deze pagina levert. Die stuurt de opdrachten naar uw eigen Campaign.",

  "role.label": "Aangemeld als",
  "role.operator": "Beheerder",
  "role.viewer": "Kijker",
  "role.nobody": "Niemand",
  "role.about.operator": "Aangemeld als beheerder: u kunt workflows bekijken, opdrachten sturen en signalen geven.",
  "role.about.viewer": "Aangemeld als kijker: u kunt workflows bekijken, maar geen opdrachten sturen.",
  "role.about.nobody": "Afgemeld: de gateway weigert elk verzoek.",
  "role.failed": "Aanmelden is mislukt. Controleer of de gateway draait en probeer het opnieuw.",

  "flow.label": "De weg van een opdracht",
  "flow.page": "Pagina",
  "flow.page.about": "roept het npm-pakket aan",
  "flow.client": "Client",
  "flow.client.about": "Rust als WebAssembly",
  "flow.gateway": "Gateway",
  "flow.gateway.about": "beheert toegang en rechten",
  "flow.gateway.unreachable": "niet bereikbaar",
  "flow.campaign": "Campaign",
  "flow.campaign.emulated": "lokale emulator, {status}",
  "flow.campaign.connecting": "nog niet gelezen",
  "flow.campaign.connected": "antwoordt",
  "flow.campaign.unreachable": "antwoordt niet",

  "offline.title": "De gateway is niet bereikbaar.",
  "offline.about": "Controleer of die draait. Deze pagina blijft het proberen en maakt vanzelf weer verbinding.",
  "offline.retry": "Probeer nu",
  "offline.back": "De gateway antwoordt weer.",
};
