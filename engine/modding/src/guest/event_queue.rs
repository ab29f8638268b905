//! Events that wait for a handler; what has happened to components waits in the same way.
//!
//! The events of a frame are one batch, which all handlers share. Batches wait while the mod is suspended; if too many
//! wait, the oldest are dropped.

use crate::limits::WAITING_EVENTS_MAX;
use std::collections::VecDeque;
use std::sync::Arc;

/// The events of one type in one frame, one after the other.
#[derive(Debug)]
pub(crate) struct EventBatch {
    pub count: usize,
    pub bytes: Vec<u8>,
}

/// Events that wait for one handler.
#[derive(Debug)]
pub(crate) struct EventQueue {
    size: usize,
    batches: VecDeque<Arc<EventBatch>>,
    /// Events in all batches that were not read.
    waiting: usize,
    /// Events of the first batch that were read.
    read: usize,
    /// How many of the waiting events belong to the running call.
    of_call: usize,
}

impl EventQueue {
    pub fn new(size: usize) -> EventQueue {
        EventQueue { size, batches: VecDeque::new(), waiting: 0, read: 0, of_call: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// The number of waiting batches.
    pub fn batches(&self) -> usize {
        self.batches.len()
    }

    /// Queues the events of a frame; returns how many older ones were dropped.
    pub fn push(&mut self, batch: &Arc<EventBatch>) -> usize {
        if batch.count == 0 {
            return 0;
        }
        self.batches.push_back(batch.clone());
        self.waiting += batch.count;
        let before = self.waiting;
        if self.waiting - self.of_call > WAITING_EVENTS_MAX {
            // Those of the running call stay: it may know that there are more.
            let oldest = self.batches_of_call();
            while self.waiting - self.of_call > WAITING_EVENTS_MAX && self.batches.len() > oldest + 1 {
                let Some(dropped) = self.batches.remove(oldest) else { break };
                self.waiting -= dropped.count;
            }
        }
        before - self.waiting
    }

    /// A call of the handler begins: it gets the events that wait now.
    pub fn start(&mut self) {
        self.of_call = self.waiting;
    }

    /// Copies as many events of the running call as fit into `room`; returns how many.
    pub fn next(&mut self, room: &mut [u8]) -> usize {
        let most = (room.len() / self.size).min(self.of_call);
        let mut copied = 0;
        while copied < most {
            let Some(batch) = self.batches.front() else { break };
            let count = (batch.count - self.read).min(most - copied);
            let (from, to) = (self.read * self.size, copied * self.size);
            let bytes = count * self.size;
            room[to..to + bytes].copy_from_slice(&batch.bytes[from..from + bytes]);
            copied += count;
            self.skip(count);
        }
        copied
    }

    /// Whether the running call has unread events.
    pub fn has_next(&self) -> bool {
        self.of_call > 0
    }

    /// The call has ended: its unread events are dropped.
    pub fn finish(&mut self) {
        while self.of_call > 0 {
            let Some(batch) = self.batches.front() else { break };
            self.skip((batch.count - self.read).min(self.of_call));
        }
        self.of_call = 0;
    }

    /// The number of batches at the front with unread events of the running call. When it began there were no others.
    fn batches_of_call(&self) -> usize {
        let mut left = self.of_call + self.read;
        let is_of_call = |batch: &&Arc<EventBatch>| {
            let is_of_call = left > 0;
            left = left.saturating_sub(batch.count);
            is_of_call
        };
        self.batches.iter().take_while(is_of_call).count()
    }

    fn skip(&mut self, count: usize) {
        self.read += count;
        self.waiting -= count;
        self.of_call -= count;
        if self.batches.front().is_some_and(|batch| batch.count == self.read) {
            self.batches.pop_front();
            self.read = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(events: std::ops::Range<usize>) -> Arc<EventBatch> {
        let bytes = events.clone().flat_map(|event| (event as u16).to_le_bytes()).collect();
        Arc::new(EventBatch { count: events.len(), bytes })
    }

    /// All events of the call, read at most `most` at a time.
    fn read(queue: &mut EventQueue, most: usize) -> Vec<usize> {
        let mut events = Vec::new();
        loop {
            let mut room = vec![0; most * 2 + 1];
            let count = queue.next(&mut room);
            events.extend(
                room.chunks_exact(2)
                    .take(count)
                    .map(|bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))),
            );
            if count == 0 {
                return events;
            }
        }
    }

    #[test]
    fn a_call_gets_what_waits_when_it_begins() {
        for most in 1..8 {
            let mut queue = EventQueue::new(2);
            queue.push(&batch(0..3));
            queue.push(&batch(3..5));
            queue.start();
            queue.push(&batch(5..6));
            assert_eq!(read(&mut queue, most), [0, 1, 2, 3, 4]);
            queue.finish();
            queue.start();
            assert_eq!(read(&mut queue, most), [5]);
            assert!(queue.is_empty());
        }
    }

    #[test]
    fn what_a_call_leaves_is_gone() {
        for read_events in 0..5 {
            let mut queue = EventQueue::new(2);
            queue.push(&batch(0..2));
            queue.push(&batch(2..4));
            queue.start();
            queue.next(&mut vec![0; 2 * read_events]);
            queue.finish();
            assert!(queue.is_empty());
            queue.push(&batch(7..8));
            queue.start();
            assert_eq!(read(&mut queue, 9), [7]);
        }
    }

    #[test]
    fn of_too_many_the_oldest_go() {
        let mut queue = EventQueue::new(2);
        let dropped: usize =
            (0..100).map(|number| queue.push(&batch(number * 100..(number + 1) * 100))).sum();
        queue.start();
        let events = read(&mut queue, 1_000);
        assert_eq!(events.len() + dropped, 10_000);
        assert!(events.len() <= WAITING_EVENTS_MAX && events.len() > WAITING_EVENTS_MAX - 100);
        assert_eq!(events.last(), Some(&9_999));
    }

    #[test]
    fn a_call_that_waits_keeps_its_own_and_of_those_behind_it_the_oldest_go() {
        for (own, read_events) in [(1, 0), (10, 0), (10, 3), (10, 9), (10, 10), (4_000, 0), (4_000, 3_999)] {
            let mut queue = EventQueue::new(2);
            // In two batches.
            queue.push(&batch(0..own / 2));
            queue.push(&batch(own / 2..own));
            queue.start();
            queue.next(&mut vec![0; 2 * read_events]);
            let dropped: usize =
                (0..100).map(|number| queue.push(&batch(number * 100..(number + 1) * 100))).sum();
            assert_eq!(read(&mut queue, 1_000), (read_events..own).collect::<Vec<_>>());
            queue.finish();
            queue.start();
            assert_eq!(read(&mut queue, 1_000), (dropped..10_000).collect::<Vec<_>>());
            assert!(10_000 - dropped <= WAITING_EVENTS_MAX && 10_000 - dropped > WAITING_EVENTS_MAX - 100);
        }
    }
}
