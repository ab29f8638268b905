//! Why what a mod asks for is not queued. It is described for people only where it is reported, which may be never.

use tinkerbox_abi::AbiError;
use tinkerbox_columns::FlatComponent;

use crate::exposed::event::ExposedEvent;

/// Why commands or events are not queued. What is large is in boxes, since nearly all calls succeed.
#[derive(Debug)]
pub(crate) enum NotQueued {
    Refused(AbiError),
    /// These bytes are not a valid value of the component.
    InvalidComponent(Box<(FlatComponent, Box<[u8]>)>),
    /// These bytes are not a valid event.
    InvalidEvent(Box<(ExposedEvent, Box<[u8]>)>),
}

impl From<AbiError> for NotQueued {
    fn from(error: AbiError) -> NotQueued {
        NotQueued::Refused(error)
    }
}
