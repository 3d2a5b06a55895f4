//! Who has which kitty, and which of them are for sale.

use thinkey_sdk::prelude::*;

use crate::{Bid, HOUSES, Lot, RecorderHandle, price};

/// The account.
#[account]
pub struct Collector {
    founder: AccountId,
    recorder: AccountId,
    kitties: u64,
    sales: u64,
    auctioneers: Map<AccountId, bool>,
    owners: Map<u64, Owner>,
    open: Map<u64, Sale>,
}

/// Who has a kitty.
#[derive(Codec)]
struct Owner {
    id: AccountId,
    /// It is for sale: its owner can't give it away.
    for_sale: bool,
}

/// A sale that is not decided.
#[derive(Codec)]
struct Sale {
    lot: Lot,
    /// How many Auctioneers may have it.
    most: u8,
    /// Those that have it, in the order of their requests.
    houses: Vec<AccountId>,
}

/// Collects what sellers want auctioned.
#[contract]
impl Collector {
    /// Begins with whoever names Auctioneers and the Recorder, and brings kitties into the world.
    #[init]
    fn begin(&mut self, founder: AccountId, recorder: AccountId) {
        self.founder = founder;
        self.recorder = recorder;
    }

    /// The founder names an Auctioneer, or strikes it off.
    #[message]
    fn set_auctioneer(&mut self, id: AccountId, named: bool) {
        ensure!(sender() == self.founder, "only the founder");
        self.auctioneers.update(&id, |is| *is = named);
    }

    /// A new kitty for somebody; its number.
    #[message]
    fn birth(&mut self, owner: AccountId) -> u64 {
        ensure!(sender() == self.founder, "only the founder");
        self.kitties += 1;
        self.owners.insert(
            &self.kitties,
            &Owner {
                id: owner,
                for_sale: false,
            },
        );
        log!("birth", self.kitties, owner);
        self.kitties
    }

    /// The owner gives a kitty away.
    #[message]
    fn give(&mut self, kitty: u64, to: AccountId) {
        self.owned(kitty);
        self.owners.insert(
            &kitty,
            &Owner {
                id: to,
                for_sale: false,
            },
        );
        log!("given", kitty, to);
    }

    /// The owner sells a kitty, held by at most so many Auctioneers, until a root height, and pays
    /// for the Recorder's record; the number of the sale. [A5]
    #[message(payable)]
    fn sell(&mut self, kitty: u64, floor: Amount, closes: u64, most: u8) -> u64 {
        let seller = self.owned(kitty);
        ensure!(closes > root_height(), "it would be closed already");
        ensure!(
            (1..=HOUSES).contains(&usize::from(most)),
            "one to eight auctioneers"
        );
        ensure_paid(price(most));
        self.recorder.pay(price(most));
        sender().pay(value() - price(most));
        self.owners.insert(
            &kitty,
            &Owner {
                id: seller,
                for_sale: true,
            },
        );
        self.sales += 1;
        let lot = Lot {
            sale: self.sales,
            kitty,
            floor,
            closes,
        };
        self.open.insert(
            &self.sales,
            &Sale {
                lot,
                most,
                houses: Vec::new(),
            },
        );
        log!("for sale", self.sales, kitty, floor, closes);
        self.sales
    }

    /// An Auctioneer wants to hold the auction.
    #[message]
    fn request(&mut self, sale: u64) -> Lot {
        ensure!(self.auctioneers.contains(&sender()), "only auctioneers");
        let mut open = self.sale(sale);
        ensure!(root_height() < open.lot.closes, "closed");
        if !open.houses.contains(&sender()) {
            ensure!(open.houses.len() < usize::from(open.most), "others have it");
            open.houses.push(sender());
            self.open.insert(&sale, &open);
        }
        open.lot
    }

    /// Anybody: asks the Recorder to decide a sale that is closed. May be repeated. [A3]
    #[message]
    fn close(&mut self, sale: u64) {
        let open = self.sale(sale);
        ensure!(root_height() >= open.lot.closes, "still open");
        let seller = self.owner(open.lot.kitty).id;
        RecorderHandle::at(self.recorder)
            .decide(sale, seller, open.houses)
            .gas(share(1))
            .send();
    }

    /// The Recorder decided a sale. [A1]
    #[message]
    fn decided(&mut self, sale: u64, winner: Option<Bid>) {
        ensure!(sender() == self.recorder, "only the recorder");
        // [A3] A decision may arrive again.
        let Some(Sale { lot, .. }) = self.open.take(&sale) else {
            return;
        };
        let mut owner = self.owner(lot.kitty);
        owner.for_sale = false;
        if let Some(bid) = winner {
            owner.id = bid.bidder;
            log!("sold", sale, lot.kitty, bid.bidder, bid.price);
        }
        self.owners.insert(&lot.kitty, &owner);
    }

    /// What a sale costs that so many Auctioneers may hold.
    #[view]
    fn price(&self, most: u8) -> Amount {
        price(most)
    }

    /// Who has a kitty.
    #[view]
    fn owner_of(&self, kitty: u64) -> AccountId {
        self.owner(kitty).id
    }

    /// Whether a sale is not decided.
    #[view]
    fn is_open(&self, sale: u64) -> bool {
        self.open.contains(&sale)
    }

    fn owner(&self, kitty: u64) -> Owner {
        self.owners
            .get(&kitty)
            .unwrap_or_else(|| abort("no such kitty"))
    }

    fn owned(&self, kitty: u64) -> AccountId {
        let owner = self.owner(kitty);
        ensure!(owner.id == sender(), "not your kitty");
        ensure!(!owner.for_sale, "it is for sale");
        owner.id
    }

    fn sale(&self, sale: u64) -> Sale {
        self.open
            .get(&sale)
            .unwrap_or_else(|| abort("no such sale"))
    }
}
