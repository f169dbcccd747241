//! The virtual clock with what is due, and dates as HTTP writes them.

use crate::chance::Chance;
use crate::mailbox::Mailbox;
use crate::network::{Delivery, ResponsePart};

/// The wall clock when a call begins: some moment in 2026.
pub const START_MS: i64 = 1_790_000_000_000;

/// Something that happens at its time.
pub enum Event {
    /// A timer of the call fires.
    Timer(Mailbox<()>),
    /// The caller aborts.
    Abort,
    /// The wall clock is set.
    SetWallClock(i64),
    /// The token function returns, or throws.
    Token(Mailbox<Option<String>>, Option<String>),
    /// A request, or a copy of it, arrives.
    Arrival(Delivery),
    /// A gateway has done what the request with an idempotency key asked for.
    Completion(Delivery),
    /// A part of an answer comes back.
    ResponsePart(Mailbox<ResponsePart>, ResponsePart),
}

#[derive(Default)]
pub struct Timeline {
    /// Milliseconds since the call began.
    pub now: u64,
    /// How far the wall clock was set.
    pub shift: i64,
    due: Vec<(u64, Event)>,
    /// When the current step, the call and its patience end: the moments at which something else is
    /// the most interesting.
    pub ends: Vec<u64>,
}

impl Timeline {
    pub fn wall_clock(&self) -> i64 {
        START_MS + self.now as i64 + self.shift
    }

    /// Something happens in so many milliseconds.
    pub fn add(&mut self, after: u64, event: Event) {
        self.due.push((self.now.saturating_add(after), event));
    }

    /// Moves the clock to the next event, one of those that happen at that moment, in any order but
    /// for the parts of an answer. `at_once`: only one that happens now.
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

    /// Takes a request off its way; false if it has arrived. What the network has copied stays.
    pub fn cancel(&mut self, attempt: usize) -> bool {
        let own = Delivery { attempt, copy: 0 };
        let before = self.due.len();
        self.due
            .retain(|(_, event)| !matches!(event, Event::Arrival(delivery) if *delivery == own));
        self.due.len() < before
    }

    /// How long something takes: often until the very moment of a deadline or an abort, or next to
    /// it.
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

/// RFC 9110, 5.6.7, of seconds since 1970. Days to a date after Howard Hinnant's `civil_from_days`.
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

/// The seconds since 1970 of a date that [`http_date`] wrote.
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

/// What an answer asks for with `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryAfter {
    Nothing,
    /// The header is neither of HTTP's two forms.
    Nonsense,
    /// Milliseconds.
    For(u64),
    /// A moment of the wall clock, in milliseconds.
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

    /// Milliseconds from now.
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
