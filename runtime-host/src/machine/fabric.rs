//! The ideal fabric: routes of the image, by positions of cores.

use crate::EngineError;
use crate::network::Network;
use bouton_targets::image::{FabricView, RouteRecord, SectionKind};

/// Routes, decoded once.
pub(super) struct Fabric {
    /// `None`: every event goes to every core.
    routes: Option<Vec<(RouteRecord, Vec<usize>)>>,
    cores: usize,
}

impl Fabric {
    /// Reads the fabric section. A core that the image does not hold hears nothing.
    pub fn new(network: &Network<'_>) -> Result<Self, EngineError> {
        let cores = network.cores.len();
        let Some(words) = network.image.section(SectionKind::Fabric, 0) else { return Ok(Fabric { routes: None, cores }) };
        let view = FabricView::new_checked(words).map_err(EngineError::Fabric)?;
        let position = |number: &u32| network.cores.iter().position(|core| core.head().core == *number);
        let routes = (0..view.routes()).filter_map(|at| view.route(at));
        let routes = routes.map(|route| (route, view.cores(&route).iter().filter_map(position).collect())).collect();
        Ok(Fabric { routes: Some(routes), cores })
    }

    /// Calls `deliver` with every core that hears `key`.
    pub fn cores_of_key(&self, key: u32, mut deliver: impl FnMut(usize) -> bool) {
        let Some(routes) = &self.routes else {
            (0..self.cores).for_each(|core| _ = deliver(core));
            return;
        };
        let after = routes.partition_point(|(route, _)| route.key <= key);
        let found = after.checked_sub(1).and_then(|at| routes.get(at)).filter(|(route, _)| key - route.key < route.count);
        if let Some((_, cores)) = found {
            cores.iter().for_each(|core| _ = deliver(*core));
        }
    }
}
