//! A fact: known, absent, or unknown with the reason.

use shoseki_messages::Message;

/// What is known of a setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Fact<T> {
    /// It is set to this.
    Known(T),
    /// It is not set: the default of the service applies, and the check knows which that is.
    #[default]
    Absent,
    /// What it is cannot be told, and why: it is never a pass.
    Unknown(Message),
}

impl<T> Fact<T> {
    /// What is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Whether it is not set.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, or the default of the service where it is not set.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn or(&self, default: T) -> Result<T, &Message>
    where
        T: Clone,
    {
        self.get().map(|value| value.cloned().unwrap_or(default))
    }

    /// The value, nothing where it is not set.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn get(&self) -> Result<Option<&T>, &Message> {
        match self {
            Self::Known(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Unknown(why) => Err(why),
        }
    }

    /// The same fact of what becomes of the value.
    pub fn map<U>(self, become_: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(become_(value)),
            Self::Absent => Fact::Absent,
            Self::Unknown(why) => Fact::Unknown(why),
        }
    }

    /// The same fact of what becomes of the value, where that may be unknown in its turn.
    pub fn and_then<U>(self, become_: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Self::Known(value) => become_(value),
            Self::Absent => Fact::Absent,
            Self::Unknown(why) => Fact::Unknown(why),
        }
    }

    /// Takes over what a piece says, where it says anything.
    pub fn take(&mut self, piece: Self) {
        if !piece.is_absent() {
            *self = piece;
        }
    }

    /// Takes over what a piece says that may not be there: unless it says the same, it is not known which of the two holds.
    pub fn doubt(&mut self, piece: Self, why: &Message)
    where
        T: PartialEq,
    {
        let is_open = matches!(self, Self::Unknown(_));
        if !piece.is_absent() && *self != piece && !is_open {
            *self = Self::Unknown(why.clone());
        }
    }

    /// Where it is not set, it is not known whether it is: something that could not be followed may set it.
    pub fn blur(&mut self, why: &Message) {
        if self.is_absent() {
            *self = Self::Unknown(why.clone());
        }
    }
}

impl<T> From<Option<T>> for Fact<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}
