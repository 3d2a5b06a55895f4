//! The promise of the crate page, with all parts together: after a crash anywhere the state is that
//! of the last durable block, rebuilt from the newest checkpoint and the log behind it.

use std::collections::BTreeMap;

use crypto::{Domain, Hash, hash};
use store::{
    Batch, BlockLog, BlockLogConfig, Column, Db, DbFault, DiskFault, FaultyDb, Key, Scan, SimDisk,
    StateTree, Value,
};

const STATE: Column = Column::new("state");
const META: Column = Column::new("meta");
const BLOCKS: u64 = 30;

#[derive(Clone, Debug, PartialEq)]
struct Balance(u64);

impl Value for Balance {
    fn commitment(&self) -> Hash {
        hash(Domain::new("test.balance"), &[&self.0.to_le_bytes()])
    }
}

type Tree = StateTree<Balance>;

/// What block `n` does: a few puts and removals that depend on `n`.
fn execute(tree: &Tree, n: u64) -> Tree {
    let change = |i: u64| {
        let key = *hash(Domain::new("test.key"), &[&[(n * 5 + i * 3) as u8 % 40]]).as_bytes();
        (
            key,
            (!(n + i).is_multiple_of(4)).then_some(Balance(n * 100 + i)),
        )
    };
    tree.apply((0..6).map(change).collect::<BTreeMap<Key, _>>())
}

fn roots() -> Vec<Hash> {
    let mut tree = Tree::new();
    let mut roots = vec![tree.root()];
    for n in 0..BLOCKS {
        tree = execute(&tree, n);
        roots.push(tree.root());
    }
    roots
}

/// A node: its log and database, and what it does with them.
struct Node {
    log: BlockLog,
    tree: Tree,
    /// The state in the database.
    checkpoint: Tree,
    height: u64,
}

type Failed = Box<dyn std::error::Error>;

impl Node {
    /// Loads the checkpoint, checks it, and replays the log behind it.
    fn start(disk: &SimDisk, db: &FaultyDb) -> Result<Self, Failed> {
        let meta = |key: &[u8]| -> Result<_, Failed> { Ok(db.get(META, key)?) };
        let number = |bytes: Vec<u8>| u64::from_be_bytes(bytes.try_into().unwrap());
        let offset = meta(b"offset")?.map(number);
        let mut config = BlockLogConfig::new(Hash::ZERO, 1);
        (config.segment_bytes, config.durable) = (400, offset.unwrap_or(0));
        let log = BlockLog::open(Box::new(disk.clone()), config)?;

        let pairs = db.collect(STATE, &Scan::all(), usize::MAX)?.into_iter();
        let tree: Tree = pairs
            .map(|(key, value)| (key.try_into().unwrap(), Balance(number(value))))
            .collect();
        let root = meta(b"root")?.unwrap_or(Tree::new().root().as_bytes().to_vec());
        assert_eq!(
            tree.root().as_bytes().to_vec(),
            root,
            "the checkpoint is whole"
        );

        let mut height = meta(b"height")?.map_or(0, number);
        let checkpoint = tree.clone();
        let mut node = Self {
            tree,
            checkpoint,
            height,
            log,
        };
        let blocks: Vec<_> = node
            .log
            .replay(offset.unwrap_or(node.log.start()))
            .collect::<Result<_, _>>()?;
        for block in blocks {
            assert_eq!(
                number(block.payload),
                height,
                "the log goes on where the checkpoint ends"
            );
            node.tree = execute(&node.tree, height);
            height += 1;
        }
        node.height = height;
        Ok(node)
    }

    fn block(&mut self) -> Result<(), Failed> {
        let n = self.height;
        self.log.append(0, &Hash::ZERO, &n.to_be_bytes())?;
        self.log.sync()?;
        self.tree = execute(&self.tree, n);
        self.height += 1;
        Ok(())
    }

    /// Writes what changed since the last checkpoint; only now and then durable at once.
    fn write_checkpoint(&mut self, db: &FaultyDb) -> Result<(), Failed> {
        let mut batch = Batch::new();
        for (key, value) in self.tree.changes_since(&self.checkpoint) {
            match value {
                Some(value) => batch.put(STATE, *key, value.0.to_be_bytes()),
                None => batch.delete(STATE, *key),
            }
        }
        batch.put(META, *b"root", *self.tree.root().as_bytes());
        batch.put(META, *b"height", self.height.to_be_bytes());
        batch.put(META, *b"offset", self.log.durable().to_be_bytes());
        db.commit(batch)?;
        self.checkpoint = self.tree.clone();
        if self.height.is_multiple_of(6) {
            db.flush()?;
            self.log.prune(self.log.durable())?;
        }
        Ok(())
    }
}

/// Runs to the last block; `durable` follows the blocks that may have had effects outside.
fn run(disk: &SimDisk, db: &FaultyDb, durable: &mut u64, roots: &[Hash]) -> Result<(), Failed> {
    let mut node = Node::start(disk, db)?;
    assert!(
        node.height >= *durable,
        "block {} of {durable} durable ones",
        node.height
    );
    assert_eq!(node.tree.root(), roots[node.height as usize]);
    while node.height < BLOCKS {
        node.block()?;
        *durable = node.height;
        if node.height.is_multiple_of(3) {
            node.write_checkpoint(db)?;
        }
    }
    Ok(())
}

#[test]
fn after_a_crash_anywhere_the_state_is_that_of_the_last_durable_block() {
    let roots = roots();
    let (disk, db) = (SimDisk::new(), FaultyDb::new());
    run(&disk, &db, &mut 0, &roots).unwrap();
    let (log_writes, db_writes) = (disk.writes(), db.writes());
    assert!(log_writes > 60 && db_writes > 10);

    for at in 0..log_writes + db_writes {
        for seed in 0..12 {
            let (disk, db, mut durable) = (SimDisk::new(), FaultyDb::new(), 0);
            match at.checked_sub(log_writes) {
                None => disk.fail_after(at, DiskFault::PowerLoss),
                Some(at) => db.fail_after(at, DbFault::Io),
            }
            run(&disk, &db, &mut durable, &roots).unwrap_err();
            let keep = seed as usize % (db.unflushed() + 1);
            let (disk, db) = (disk.crash(seed << 32 | at), db.crash(keep));
            run(&disk, &db, &mut durable, &roots)
                .unwrap_or_else(|error| panic!("at {at}, seed {seed}: {error}"));
        }
    }
}

#[test]
fn a_database_older_than_the_pruned_log_is_noticed() {
    let roots = roots();
    let (disk, db) = (SimDisk::new(), FaultyDb::new());
    run(&disk, &db, &mut 0, &roots).unwrap();
    // The log was pruned behind the checkpoints; a database put back to its beginning is too old.
    let log = BlockLog::open(Box::new(disk), BlockLogConfig::new(Hash::ZERO, 1)).unwrap();
    assert!(log.start() > 64);
    assert!(
        log.replay(64).next().unwrap().is_err(),
        "not silently the wrong blocks"
    );
}
