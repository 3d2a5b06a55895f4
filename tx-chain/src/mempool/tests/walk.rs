//! What the mempool keeps count of, against a count from scratch after every operation.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const SENDERS: usize = 3;
const NONCES: usize = 14;
const KINDS: usize = 4;

/// Messages of all senders, nonces and kinds, signed once.
static MESSAGES: LazyLock<Vec<SignedMessage>> = LazyLock::new(|| {
    (0..SENDERS * NONCES * KINDS)
        .map(|at| {
            let (sender, nonce) = (at / KINDS / NONCES, at / KINDS % NONCES);
            let kind = at % KINDS;
            let input = Input::Call {
                method: String::new(),
                data: vec![0; 300 * (kind % 2)],
            };
            let call = ExternalCall {
                expiry: 10 + 20 * (at as u64 % 3),
                input,
                ..call(sender as u8, nonce as u64, 1 << kind)
            };
            signed(sender as u8, call)
        })
        .collect()
});

#[derive(Clone, Debug)]
enum Operation {
    Admit(usize),
    Take(usize),
    GiveBack,
    /// A block of what was taken, and of a message of this sender that may not be here.
    Include(Option<usize>),
    Finalize(usize),
    Abandon(usize),
    AbandonAll,
    Expire(Height),
    Drop(usize, u64),
    /// The account is found to have come farther.
    Jump(usize),
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        12 => (0..SENDERS * NONCES * KINDS).prop_map(Operation::Admit),
        2 => (1..6_usize).prop_map(Operation::Take),
        1 => Just(Operation::GiveBack),
        2 => proptest::option::of(0..SENDERS).prop_map(Operation::Include),
        1 => (0..4_usize).prop_map(Operation::Finalize),
        1 => (0..4_usize).prop_map(Operation::Abandon),
        1 => Just(Operation::AbandonAll),
        1 => (0..3_u64).prop_map(Operation::Expire),
        2 => (0..SENDERS, 0..NONCES as u64).prop_map(|(of, nonce)| Operation::Drop(of, nonce)),
        1 => (0..SENDERS).prop_map(Operation::Jump),
    ]
}

struct World {
    pool: Mempool,
    nonces: [u64; SENDERS],
    taken: Vec<SignedMessage>,
    blocks: Vec<(BlockHash, Vec<(AccountId, u64)>)>,
    made: u8,
    root_height: Height,
}

impl World {
    /// A mempool that is full of messages or of bytes first.
    fn new(is_wide: bool) -> Self {
        let most = if is_wide { 24 * 32 } else { 24 };
        let limits = MempoolLimits {
            messages: 24,
            bytes: most * (MESSAGES[0].bytes() + 100),
            per_sender: 10,
            nonce_gap: 4,
            ..Default::default()
        };
        Self {
            pool: Mempool::new(limits),
            nonces: [0; SENDERS],
            taken: Vec::new(),
            blocks: Vec::new(),
            made: 0,
            root_height: 0,
        }
    }

    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Admit(at) => self.admit(&MESSAGES[at]),
            Operation::Take(messages) => {
                self.taken
                    .extend(self.pool.take(Budget { messages, ..ANY }));
            }
            Operation::GiveBack => self.pool.give_back(&std::mem::take(&mut self.taken)),
            Operation::Include(unseen) => self.include(unseen),
            Operation::Finalize(at) => {
                if let Some((hash, held)) = self.block(at) {
                    self.finalize(&hash, &held);
                }
            }
            Operation::Abandon(at) => {
                if let Some((hash, _)) = self.block(at) {
                    self.pool.abandon(&hash);
                }
            }
            Operation::AbandonAll => {
                self.pool.abandon_all();
                self.blocks.clear();
            }
            Operation::Expire(by) => {
                self.root_height += by;
                self.pool.expire(self.root_height);
                self.assert_all_tidy();
            }
            Operation::Drop(sender, nonce) => self.pool.drop_message(&account(sender as u8), nonce),
            Operation::Jump(sender) => self.nonces[sender] += 1,
        }
    }

    fn admit(&mut self, message: &SignedMessage) {
        let call = &message.message().call;
        let at = (0..SENDERS).find(|at| account(*at as u8) == call.from);
        let sender = Sender {
            nonce: self.nonces[at.unwrap()],
            ..RICH
        };
        let admitted = self.pool.admit(message.clone(), sender, self.root_height);
        if admitted.is_ok() {
            let queue = &self.pool.queues[&call.from];
            let (missing, _) = recount(queue);
            if call.nonce > missing {
                self.assert_tidy();
                self.assert_shared(queue);
                assert!(call.nonce - missing <= self.pool.limits.nonce_gap);
            }
        }
    }

    fn include(&mut self, unseen: Option<usize>) {
        let mut held: Vec<_> = std::mem::take(&mut self.taken)
            .iter()
            .map(|message| (message.message().call.from, message.message().call.nonce))
            .collect();
        held.extend(unseen.map(|sender| {
            let queue = self.pool.queues.get(&account(sender as u8));
            let turn = queue.map_or(self.nonces[sender], Queue::turn);
            (account(sender as u8), turn)
        }));
        self.made += 1;
        let messages = held.iter().map(|(sender, nonce)| (sender, *nonce));
        self.pool.include(block(self.made), messages);
        self.blocks.push((block(self.made), held));
    }

    fn finalize(&mut self, hash: &BlockHash, held: &[(AccountId, u64)]) {
        for (sender, nonce) in held {
            let at = (0..SENDERS).find(|at| account(*at as u8) == *sender);
            let known = &mut self.nonces[at.unwrap()];
            *known = (*known).max(nonce + 1);
        }
        self.pool.finalize(hash);
        self.assert_all_tidy();
    }

    fn block(&mut self, at: usize) -> Option<(BlockHash, Vec<(AccountId, u64)>)> {
        (at < self.blocks.len()).then(|| self.blocks.remove(at))
    }

    /// What is stranded keeps to an eighth.
    fn assert_tidy(&self) {
        let (limits, Size { messages, bytes }) = (self.pool.limits, self.pool.stranded);
        assert!(messages <= limits.messages / 8 && bytes <= limits.bytes / 8);
    }

    /// What a sender has stranded keeps to a 32nd of that.
    fn assert_shared(&self, queue: &Queue) {
        let Size { messages, bytes } = queue.stranded();
        assert!(messages <= 1 || bytes <= self.pool.limits.bytes / 8 / 32);
    }

    fn assert_all_tidy(&self) {
        self.assert_tidy();
        let queues = self.pool.queues.values();
        queues.for_each(|queue| self.assert_shared(queue));
    }

    fn assert_counts(&self) {
        let pool = &self.pool;
        let (mut all, mut stranded) = (Size::default(), Size::default());
        let (mut heads, mut expiries) = (BTreeSet::new(), BTreeSet::new());
        for (sender, queue) in &pool.queues {
            let counted = recount(queue);
            assert_eq!((queue.missing(), queue.stranded()), counted);
            assert!(!queue.is_empty());
            stranded = stranded.plus(counted.1);
            for entry in queue.entries() {
                all = all.plus(entry.size());
                expiries.insert((entry.expiry(), *sender, entry.nonce()));
                assert_eq!(pool.ids.get(&entry.id()), Some(&(*sender, entry.nonce())));
            }
            heads.extend(queue.head());
        }
        assert_eq!((pool.size, pool.stranded), (all, stranded));
        assert_eq!((&pool.heads, &pool.expiries), (&heads, &expiries));
        assert_eq!(pool.ids.len(), all.messages);
        assert!(all.messages <= pool.limits.messages && all.bytes <= pool.limits.bytes);
    }
}

/// The first missing nonce of a queue, and what is behind it.
fn recount(queue: &Queue) -> (u64, Size) {
    let taken: BTreeSet<_> = queue.entries().map(Entry::nonce).collect();
    let missing = (queue.turn()..).find(|nonce| !taken.contains(nonce));
    let missing = missing.unwrap();
    let behind: Vec<_> = queue.entries().filter(|at| at.nonce() > missing).collect();
    let size = Size {
        messages: behind.len(),
        bytes: behind.iter().map(|entry| entry.message.bytes()).sum(),
    };
    (missing, size)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn counts_of_what_is_stranded_are_right_after_any_operations(
        is_wide: bool,
        operations in proptest::collection::vec(operation(), 1..120)
    ) {
        let mut world = World::new(is_wide);
        for operation in operations {
            world.run(operation);
            world.assert_counts();
        }
    }
}
