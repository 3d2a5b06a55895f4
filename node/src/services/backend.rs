//! What the RPC server is told: heads from the chains, the past from the index.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix::Addr;
use actors::Account;
use assembly::Network as Assembled;
use consensus::Evidence;
use futures::future::BoxFuture;
use light::proof::ProofFile;
use light::{Checkpoint, line::Page};
use p2p::NetworkHandle;
use root_chain::RootSystem;
use tokio::sync::{broadcast, oneshot, watch};
use tx_chain::Refusal;
use types::{
    AccountId, Address, ChainId, Committee, ExternalMessage, Height, MessageId, Thresholds,
};

use super::admission::{Admission, Lot, Origin};
use super::chain::{AdmissionError, ChainActor, Head, ToChain};
use super::indexing::Indexing;
use crate::abi::Abi;
use crate::rpc::Backend;
use crate::rpc::backend::{
    AccountError, NotReady, ProveError, Question, ReportRefusal, RootReading, SubmitError,
    ViewError,
};
use crate::rpc::explain::{explain, explain_view};
use crate::rpc::view::{
    AccountView, AddressText, BlockId, BlockView, ChainStatus, CodeView, ConvictionView, Event,
    Level, NetworkInfo, NetworkKind, Trace, U64, ViewAnswer,
};

/// A node, as its RPC server sees it.
pub struct NodeBackend {
    /// The network.
    pub assembled: Assembled,
    /// The text of the genesis file.
    pub genesis: String,
    /// What this node does not do for real.
    pub simulated: Vec<String>,
    /// What each chain shows.
    pub heads: BTreeMap<ChainId, watch::Receiver<Head>>,
    /// The chains.
    pub chains: BTreeMap<ChainId, Addr<ChainActor>>,
    /// Takes external messages in.
    pub admission: Admission,
    /// The index.
    pub indexing: Indexing,
    /// For the metrics.
    pub network: NetworkHandle,
    /// The root's rules, by which evidence is judged.
    pub rules: RootSystem,
    /// The staker whose duties the node does.
    pub staker: Option<AccountId>,
}

impl NodeBackend {
    fn head(&self, chain: ChainId) -> Option<Head> {
        self.heads.get(&chain).map(|head| head.borrow().clone())
    }

    /// How the code that an account has now describes itself.
    fn abi(&self, account: &AccountId) -> Option<Abi> {
        let head = self.head(self.assembled.spec().routing.home(account))?;
        Abi::of_module(code_of(&head.block.state, account)?).ok()?
    }

    fn next_nonce(&self, chain: ChainId, account: AccountId) -> Option<u64> {
        let (answer, answered) = oneshot::channel();
        self.chains
            .get(&chain)?
            .try_send(ToChain::NextNonce(account, answer))
            .ok()?;
        answered.blocking_recv().ok()
    }

    /// What code sees of the block after a head.
    fn context_after(&self, head: &Head) -> actors::Context {
        let spec = self.assembled.spec();
        let header = head.block.header();
        actors::Context {
            network: self.assembled.id(),
            chain: header.chain,
            height: header.height.saturating_add(1),
            time: header.time,
            epoch: header.epoch,
            phase: header.phase,
            root_height: head.root_height,
            seed: None,
            routing: Arc::new(spec.routing.clone()),
            behaviours: Arc::new(self.assembled.behaviours(header.chain)),
            system: Arc::new(actors::NoSystem),
            gas_limit: spec.limits.gas,
            min_gas_price: spec.limits.gas_price,
            quota: 1,
            rotation: AccountId::default(),
        }
    }

    fn refusal(&self, message: &ExternalMessage, why: AdmissionError) -> SubmitError {
        let call = &message.call;
        let home = self.assembled.spec().routing.home(&call.from);
        let refused = match why {
            AdmissionError::Signature => return SubmitError::BadSignature,
            AdmissionError::NotServed { chain } => return SubmitError::ChainNotServed { chain },
            AdmissionError::Busy => return SubmitError::Busy,
            AdmissionError::Refused(refused) => refused,
        };
        let exists = self
            .head(home)
            .is_some_and(|head| head.block.state.account(&call.from).is_some());
        let needed = call.value.plus(call.gas.cost()).unwrap_or(call.value);
        match refused {
            Refusal::Balance { .. } if !exists => SubmitError::UnknownAccount,
            Refusal::Balance { balance } => SubmitError::Balance {
                available: balance,
                needed,
            },
            Refusal::NonceUsed { nonce, next } => SubmitError::NonceUsed { nonce, next },
            Refusal::NonceGap { nonce, next } | Refusal::Stranded { nonce, next } => {
                SubmitError::NonceGap { nonce, next }
            }
            Refusal::Expired {
                expiry,
                root_height,
            } => SubmitError::Expired {
                expiry,
                root_height,
            },
            Refusal::ExpiryTooFar { most } => SubmitError::ExpiryTooFar {
                expiry: call.expiry,
                latest: most,
            },
            Refusal::Gas { limit, .. } => SubmitError::Gas {
                limit,
                price: call.gas.price,
            },
            Refusal::Underpriced { .. } => SubmitError::Replacement { nonce: call.nonce },
            Refusal::SenderFull { .. } | Refusal::Full => SubmitError::MempoolFull,
            Refusal::Key => SubmitError::BadSignature,
            Refusal::OtherChain => SubmitError::ChainNotServed { chain: home },
            Refusal::Known => SubmitError::NonceUsed {
                nonce: call.nonce,
                next: call.nonce + 1,
            },
        }
    }
}

impl Backend for NodeBackend {
    fn network(&self) -> NetworkInfo {
        let spec = self.assembled.spec();
        let table = borsh::to_vec(&spec.routing).unwrap_or_default();
        let routes: Vec<types::Route> = borsh::from_slice(&table).unwrap_or_default();
        NetworkInfo {
            name: spec.name.clone(),
            id: self.assembled.id(),
            kind: match spec.kind {
                genesis::NetworkKind::Devnet => NetworkKind::Devnet,
                genesis::NetworkKind::Public => NetworkKind::Public,
            },
            chains: self.assembled.chains().collect(),
            routes: NetworkInfo::routes_of(&routes),
            transfer_gas: U64(actors::gas::TRANSFER),
            gas_price: U64(spec.limits.gas_price),
            simulated: self.simulated.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn genesis(&self) -> String {
        self.genesis.clone()
    }

    fn chain(&self, chain: ChainId) -> Option<ChainStatus> {
        let head = self.head(chain)?;
        let heads = self
            .indexing
            .ask(move |index| index.heads(chain))
            .flatten()?;
        let header = head.block.header();
        let committee = self.assembled.committee(chain);
        let thresholds = committee.map_or(Thresholds::of(0), Committee::thresholds);
        Some(ChainStatus {
            chain,
            committed: U64(header.height),
            anchored: U64(heads.anchored),
            root_final: U64(heads.root_final),
            round: U64(header.round),
            epoch: U64(header.epoch),
            members: committee.map_or(0, |c| c.size() as u32),
            seats: thresholds.seats as u32,
            quorum: thresholds.quorum as u32,
            mempool: U64(head.waiting as u64),
            hash: head.block.hash,
            block_time: U64(header.time.0),
        })
    }

    fn block(&self, chain: ChainId, block: BlockId) -> Option<BlockView> {
        self.indexing
            .ask(move |index| index.block(chain, block).ok().flatten())
            .flatten()
    }

    fn account(&self, account: AccountId) -> Result<AccountView, AccountError> {
        let spec = self.assembled.spec();
        let chain = spec.routing.home(&account);
        let head = self
            .head(chain)
            .ok_or(AccountError::ChainNotServed { chain })?;
        let state = &head.block.state;
        let nonce = state.nonce(&account);
        Ok(AccountView {
            address: AddressText(Address::new(&spec.name, account)),
            chain,
            exists: state.account(&account).is_some(),
            balance: state.balance(&account),
            nonce: U64(nonce),
            next_nonce: U64(self.next_nonce(chain, account).unwrap_or(nonce)),
            height: U64(head.block.header().height),
            level: Level::Committed,
            root_height: U64(head.root_height),
            code: state.account(&account).and_then(Account::code),
        })
    }

    fn code(&self, account: AccountId) -> Result<CodeView, AccountError> {
        let spec = self.assembled.spec();
        let chain = spec.routing.home(&account);
        let head = self.head(chain);
        let state = &head
            .ok_or(AccountError::ChainNotServed { chain })?
            .block
            .state;
        let address = |id| AddressText(Address::new(&spec.name, id));
        let code = code_of(state, &account).unwrap_or_default();
        let found = state.account(&account);
        let contract = found.and_then(|account| account.contract.as_deref());
        let abi = Abi::section(code).and_then(|abi| std::str::from_utf8(abi).ok());
        Ok(CodeView {
            account: address(account),
            code: contract.map(|contract| contract.code),
            bytes: code.len() as u32,
            owner: contract.and_then(|contract| contract.owner).map(address),
            locked: found.map(Account::locked).unwrap_or_default(),
            abi: abi.map(str::to_owned),
        })
    }

    fn view(&self, account: AccountId, question: Question) -> Result<ViewAnswer, ViewError> {
        let chain = self.assembled.spec().routing.home(&account);
        let head = self
            .head(chain)
            .ok_or(AccountError::ChainNotServed { chain })?;
        let ctx = self.context_after(&head);
        let Question { method, data, gas } = question;
        let gas = gas.min(ctx.call_limit());
        let seen = actors::view(&head.block.state, &account, &method, &data, &ctx, gas);
        let seen = seen.map_err(|fault| ViewError::Failed { fault })?;
        let mut answer = ViewAnswer {
            answer: hex::encode(seen.answer),
            logs: seen.logs.into_iter().map(Into::into).collect(),
            gas: U64(seen.gas),
            height: U64(head.block.header().height),
        };
        if let Some(abi) = self.abi(&account).filter(|_| !answer.logs.is_empty()) {
            explain_view(&mut answer, &self.assembled.spec().name, &abi);
        }
        Ok(answer)
    }

    fn submit(&self, message: ExternalMessage) -> BoxFuture<'_, Result<MessageId, SubmitError>> {
        Box::pin(async move {
            let trace = message.id(self.assembled.id());
            let (answer, answered) = oneshot::channel();
            self.indexing.submitted(message.clone());
            let lot = Lot {
                messages: vec![message.clone()],
                origin: Origin::Local(answer),
            };
            self.admission.offer(lot);
            let taken = answered.await.unwrap_or(Err(AdmissionError::Busy));
            taken.map_err(|why| {
                // It may wait here all the same, handed in before.
                if !matches!(why, AdmissionError::Refused(Refusal::Known)) {
                    self.indexing.refused(trace);
                }
                // What the chain itself refuses, its actor has told.
                if !matches!(why, AdmissionError::Refused(_)) {
                    tracing::debug!(%trace, %why, "message refused");
                }
                self.refusal(&message, why)
            })
        })
    }

    fn trace(&self, message: MessageId, early: Option<u32>) -> Option<Trace> {
        let early = early.map(u64::from);
        let found = self
            .indexing
            .ask(move |index| index.trace(&message, early).ok().flatten());
        let mut trace = found.flatten()?;
        explain(&mut trace, &self.assembled.spec().name, &|id| self.abi(id));
        Some(trace)
    }

    fn prove(
        &self,
        message: MessageId,
        from: Height,
    ) -> BoxFuture<'_, Result<ProofFile, ProveError>> {
        let indexing = self.indexing.clone();
        Box::pin(async move {
            let asked = tokio::task::spawn_blocking(move || {
                indexing.ask(move |index| index.prove(&message, from))
            });
            asked.await.ok().flatten().unwrap_or(Err(ProveError::Busy))
        })
    }

    fn checkpoint(&self) -> Result<Checkpoint, ProveError> {
        let asked = self.indexing.ask(|index| index.checkpoint());
        asked.unwrap_or(Err(ProveError::Busy))
    }

    fn handovers(&self, from: Height) -> Result<Page, ProveError> {
        let asked = self.indexing.ask(move |index| index.handovers(from));
        asked.unwrap_or(Err(ProveError::Busy))
    }

    fn root(&self) -> Option<RootReading> {
        let head = self.head(ChainId::ROOT)?;
        let spec = self.assembled.spec();
        Some(RootReading {
            network: spec.name.clone(),
            state: head.block.state.clone(),
            height: head.block.header().height,
            root_final: head.root_height,
            staking: assembly::staking_rules(spec),
            terms: spec.terms,
            beacon_every: spec.beacon.every,
        })
    }

    fn report(&self, evidence: Evidence) -> Result<ConvictionView, ReportRefusal> {
        let root = self.root().ok_or(ReportRefusal::NoRoot)?;
        let conviction = ConvictionView::of(&root, &self.rules, &evidence, self.staker)?;
        let told = self.chains.get(&ChainId::ROOT).map(|root| {
            let evidence = Box::new(evidence);
            root.try_send(ToChain::Evidence(evidence)).is_ok()
        });
        told.filter(|told| *told).ok_or(ReportRefusal::Busy)?;
        Ok(conviction)
    }

    fn metrics(&self) -> String {
        super::metrics::text(&self.heads, &self.network)
    }

    fn live(&self) -> bool {
        self.chains.values().all(Addr::connected)
    }

    fn ready(&self) -> Result<(), NotReady> {
        if self.live() {
            Ok(())
        } else {
            Err(NotReady::Stopping)
        }
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.indexing.events()
    }
}

/// The code that an account runs.
fn code_of<'a>(state: &'a actors::State, account: &AccountId) -> Option<&'a [u8]> {
    let code = state.account(account)?.code()?;
    state.slot(account, &actors::slots::code_slot(&code))
}
