//! The virtual clock with its scheduled events, and HTTP dates.

use crate::chance::Chance;
use crate::mailbox::Mailbox;
use crate::network::{Delivery, ResponsePart};

/// The wall clock at the start of a call, in milliseconds since 1970: a moment in 2026.
pub const START_MS: i64 = 1_790_000_000_000;

/// An event with a time.
pub enum Event {
    /// A timer of the call fires.
    Timer(Mailbox<()>),
    /// The caller aborts.
    Abort,
    /// The wall clock is changed.
    SetWallClock(i64),
    /// The token function returns or throws.
    Token(Mailbox<Option<String>>, Option<String>),
    /// A request or a copy of it arrives.
    Arrival(Delivery),
    /// A gateway has processed the request that holds the idempotency key.
    Completion(Delivery),
    /// A part of a response arrives.
    ResponsePart(Mailbox<ResponsePart>, ResponsePart),
}

#[derive(Default)]
pub struct Timeline {
    /// Milliseconds since the start of the call.
    pub now: u64,
    /// How far the wall clock was changed, in milliseconds.
    pub shift: i64,
    due: Vec<(u64, Event)>,
    /// The deadlines of the current step and the call, and the time of the abort. Events at these
    /// moments are the most interesting.
    pub ends: Vec<u64>,
}

impl Timeline {
    pub fn wall_clock(&self) -> i64 {
        START_MS + self.now as i64 + self.shift
    }

    /// Schedules an event after this many milliseconds.
    pub fn add(&mut self, after: u64, event: Event) {
        self.due.push((self.now.saturating_add(after), event));
    }

    /// Advances the clock to the next event and returns it. Of several events at that moment, any
    /// may be the first, but the parts of a response keep their order. `at_once`: only events at
    /// the present moment.
    pub fn next(&mut self, at_once: bool, chance: &mut Chance) -> Option<Event> {
        let first = self.due.iter().map(|(at, _)| *at).min()?;
        if at_once && first > self.now {
            return None;
        }
        self.now = self.now.max(first);
        let due = |(at, _): &&(u64, Event)| *at == first;
        let pick = chance.index(self.due.iter().filter(due).count());
        let indices = self.due.iter().enumerate();
        let picked = indices.filter(|(_, event)| due(event)).nth(pick)?.0;
        let earliest = match &self.due[picked].1 {
            Event::ResponsePart(mailbox, _) => self.due.iter().position(|(at, event)| {
                *at == first && matches!(event, Event::ResponsePart(other, _) if other.is(mailbox))
            }),
            _ => None,
        };
        Some(self.due.remove(earliest.unwrap_or(picked)).1)
    }

    pub fn remove_timer(&mut self, timer: &Mailbox<()>) {
        self.due
            .retain(|(_, event)| !matches!(event, Event::Timer(other) if other.is(timer)));
    }

    /// Removes a request that has not arrived yet; false if it has arrived. Copies of the network
    /// stay.
    pub fn cancel(&mut self, attempt: usize) -> bool {
        let own = Delivery { attempt, copy: 0 };
        let before = self.due.len();
        self.due
            .retain(|(_, event)| !matches!(event, Event::Arrival(delivery) if *delivery == own));
        self.due.len() < before
    }

    /// A random duration: often exactly until a deadline or an abort, or close to it.
    pub fn duration(&self, chance: &mut Chance) -> u64 {
        match chance.below(20) {
            0..=2 => chance.any_of(&self.ends).saturating_sub(self.now),
            3 => chance
                .any_of(&self.ends)
                .saturating_sub(self.now + 1 + chance.below(3)),
            4 => chance.below(60_000),
            5..=9 => 0,
            _ => chance.below(300),
        }
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Formats seconds since 1970 as an HTTP date (RFC 9110, 5.6.7). The date algorithm is Howard
/// Hinnant's `civil_from_days`.
pub fn http_date(seconds: u64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, year) = (month + 2, year + era * 400);
    format!(
        "{}, {date:02} {} {:04} {:02}:{:02}:{:02} GMT",
        WEEKDAYS[(days % 7) as usize],
        MONTHS[(month % 12) as usize],
        year + u64::from(month >= 12),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Parses a date that [`http_date`] wrote, to seconds since 1970.
pub fn parse_http_date(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.split(' ').collect();
    let [_, date, month, year, time, "GMT"] = words[..] else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == month)? as u64;
    let (date, year): (u64, u64) = (date.parse().ok()?, year.parse().ok()?);
    let time: Vec<u64> = time
        .split(':')
        .map_while(|part| part.parse().ok())
        .collect();
    let [hours, minutes, seconds] = time[..] else {
        return None;
    };
    // `days_from_civil`, with years that begin in March.
    let (year, month) = (year - u64::from(month < 2), (month + 10) % 12);
    let of_era = year % 400 * 365 + year % 400 / 4 - year % 400 / 100;
    let days = year / 400 * 146_097 + of_era + (153 * month + 2) / 5 + date - 1 - 719_468;
    Some(days * 86_400 + hours * 3600 + minutes * 60 + seconds)
}

/// The `Retry-After` header of a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryAfter {
    Nothing,
    /// The header has neither of HTTP's two forms.
    Nonsense,
    /// A delay in milliseconds.
    For(u64),
    /// A time of the wall clock, in milliseconds.
    Until(u64),
}

impl RetryAfter {
    pub fn of(header: Option<&str>) -> Self {
        match header {
            None => Self::Nothing,
            Some(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Self::For(
                    text.parse::<u64>()
                        .map_or(u64::MAX, |it| it.saturating_mul(1000)),
                )
            }
            Some(text) => parse_http_date(text).map_or(Self::Nonsense, |it| Self::Until(it * 1000)),
        }
    }

    pub fn is_readable(self) -> bool {
        matches!(self, Self::For(_) | Self::Until(_))
    }

    /// The delay from now, in milliseconds.
    pub fn ms(self, wall_clock: i64) -> Option<u64> {
        match self {
            Self::For(ms) => Some(ms),
            Self::Until(at) => Some((at as i64 - wall_clock).max(0) as u64),
            Self::Nothing | Self::Nonsense => None,
        }
    }
}

/// A `Retry-After` header, or none.
pub fn retry_after(chance: &mut Chance, wall_clock: i64) -> Option<String> {
    match chance.below(8) {
        0..=1 => None,
        2 => {
            let nonsense = [
                "",
                "-5",
                "1.5",
                "soon",
                "2 s",
                "0x10",
                "1e3",
                "2026-11-23",
                "Mon",
            ];
            Some(String::from(chance.any_of(&nonsense)))
        }
        3..=4 => {
            let seconds = wall_clock as u64 / 1000 + chance.any_of(&[1, 2, 5, 100, 90_000]);
            let past = chance.below(100) * u64::from(chance.one_in(4));
            Some(http_date(seconds - past))
        }
        _ => {
            let seconds = [0, 0, 1, 1, 2, 3, 5, 28, 29, 30, 4_294_968, u64::MAX / 1000];
            Some(chance.any_of(&seconds).to_string())
        }
    }
}
