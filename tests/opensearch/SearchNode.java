import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

/**
 * One real OpenSearch node for the tests, in a process of its own: java -cp 'LIB/*:CLASSES' SearchNode FOLDER
 *
 * FOLDER/config/opensearch.yml holds the settings. The node lives until its standard input ends, so it can never outlive the
 * test run that started it, however that ends.
 */
public final class SearchNode {
    /** Stock modules by the part of their class name that all versions share: 2.x adds "Plugin", 3.x "ModulePlugin". */
    private static final String[] MODULES = {
        "org.opensearch.transport.Netty4",
        "org.opensearch.analysis.common.CommonAnalysis",
        "org.opensearch.index.mapper.MapperExtras",
        "org.opensearch.index.reindex.Reindex",
        "org.opensearch.painless.Painless",
    };
    private static final String[] ENDINGS = {"ModulePlugin", "Plugin"};

    private SearchNode() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        Settings home = Settings.builder().put("path.home", folder).build();
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(home, Map.of(), folder.resolve("config"), () -> folder.getFileName().toString());
        List<Class<? extends Plugin>> modules = new ArrayList<>();
        for (String name : MODULES) {
            modules.add(moduleClass(name));
        }
        Node node = new OpenSearchRunnerNode(environment, modules);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        waitForEndOfInput();
        System.exit(0);
    }

    private static Class<? extends Plugin> moduleClass(String name) throws ClassNotFoundException {
        ClassNotFoundException missing = null;
        for (String ending : ENDINGS) {
            try {
                return Class.forName(name + ending).asSubclass(Plugin.class);
            } catch (ClassNotFoundException problem) {
                missing = problem;
            }
        }
        throw missing;
    }

    private static void waitForEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            // Nothing is ever written to it; only its end matters.
        }
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (IOException problem) {
            problem.printStackTrace();
        }
    }
}
