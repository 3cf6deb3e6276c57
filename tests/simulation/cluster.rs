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
