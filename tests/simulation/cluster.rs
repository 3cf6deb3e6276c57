//! A whole cluster in one thread, from a seed.

mod checks;
mod clocks;
mod coverage;
mod disk;
mod locks;
mod membership;
mod misfortunes;
mod network;
mod node;
mod operators;
mod snapshots;
mod torn;
mod world;

pub use coverage::Coverage;
pub use node::Mutant;

/// What a seed is run with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Run {
    /// Everything that happens follows from it.
    pub seed: u64,
    /// Whether everything that happens is printed.
    pub trace: bool,
    /// A deliberate fault that must be found.
    pub mutant: Option<Mutant>,
}

impl Run {
    /// Whether all want goods of one product from one warehouse, and who is about to write under a lock often stands
    /// still.
    pub const fn is_a_rush(self) -> bool {
        self.seed % 8 == 7
    }

    /// Whether every request of several entries is sealed at each of them, as one that is larger than a message.
    pub const fn cuts_requests(self) -> bool {
        self.seed % 4 == 2
    }

    /// Runs the seed to its end: misfortunes, then healing, then agreement.
    pub fn carry_out(self) -> Result<Coverage, String> {
        let mut world = world::World::new(self);
        for step in 0..world.steps() {
            world.step();
            world.check().map_err(|why| format!("step {step}: {why}"))?;
        }
        world.heal();
        world.check_agreement()?;
        Ok(world.coverage)
    }
}
